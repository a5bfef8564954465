/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_VSYSCALL_RUNNING_H
#define VDK_TOOL_VSYSCALL_RUNNING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Where a file has the addresses. */
struct vdk_vsyscall_places {
	size_t count;
	uint64_t first;   /* offset in the file */
	uint64_t address; /* that is there */
};

struct vdk_vsyscall_sink {
	void *data;
	void (*found)(void *data, pid_t pid, const char *name, const char *file,
	              const struct vdk_vsyscall_places *places);
};

struct vdk_vsyscall_totals {
	size_t processes, forbidden; /* that were looked into, that may not be */
	size_t files;                /* that they have mapped */
	size_t found;                /* a process and a file each */
};

/*
 * Look into the ELF files that running processes have mapped, the first 64 MiB of each, each once;
 * those that cannot be opened contain nothing. Return: 0; -ENOMEM; what opendir(3) says of /proc.
 */
int vdk_vsyscall_running(const struct vdk_vsyscall_sink *sink, struct vdk_vsyscall_totals *ret);

#endif
