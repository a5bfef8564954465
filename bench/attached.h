/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BENCH_ATTACHED_H
#define VDK_BENCH_ATTACHED_H

/*
 * The two images of a process that runs with the bench's vDSO attached: the attached one, which the
 * auxiliary vector on its stack names, and the kernel's, which /proc/self/auxv still shows.
 */

#include <vdk/lookup.h>

struct images {
	struct vdk_lookup_image attached, kernel;
};

/* Ends the program with a message when the process is not attached, or not to the bench's image. */
void attached_open(struct images *ret_images);

/* A function that must be there; the program ends otherwise. */
void *attached_symbol(const struct vdk_lookup_image *image, const char *name);

#endif
