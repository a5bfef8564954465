/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_ENTROPY_SAMPLE_H
#define VDK_TOOL_ENTROPY_SAMPLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

/* Where something lies in each run; all in the order of a maps file but for the first. */
enum entropy_place {
	ENTROPY_PROGRAM,
	ENTROPY_HEAP,
	ENTROPY_MMAP,  /* the dynamic loader: what the kernel maps first below the stack */
	ENTROPY_LIBC,
	ENTROPY_VVAR,
	ENTROPY_VDSO,
	ENTROPY_VDK_PAGE,
	ENTROPY_VDK_IMAGE,
	ENTROPY_STACK,
	ENTROPY_VSYSCALL,
	ENTROPY_PLACES
};

struct entropy_samples {
	size_t wanted, count;
	uint64_t *addresses[ENTROPY_PLACES]; /* 0: not there in that run */
	bool cut;                            /* the time was up before all were taken */
};

/*
 * Run `cat /proc/self/maps` so many times, under `vdk run --once --vdso NAME` unless @vdso is NULL.
 * Return: an exit code; messages are printed.
 */
int entropy_sample(size_t wanted, double seconds, const char *vdso,
                   struct entropy_samples *ret_samples);

void entropy_samples_clear(struct entropy_samples *samples);

#endif
