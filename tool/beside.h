/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_BESIDE_H
#define VDK_TOOL_BESIDE_H

/*
 * A file that is whole or not there: written beside its place, under a name of its own, and renamed
 * into it. Whoever is killed half-way leaves PATH.XXXXXX, and PATH as it was.
 *
 * What is there and is no regular file (/dev/null, /dev/stdout, a FIFO, a link) must not be put out of
 * its place: it is written to directly.
 */

#include <stdio.h>
#include <sys/types.h>

#include <vdk/report.h>

struct beside {
	FILE *out;        /* to be written by the caller */
	const char *path; /* borrowed */
	char *name;       /* NULL: written to directly */
};

/* Return: 0; -ENOMEM; what mkostemp(3) and open(2) return. */
int beside_open(const char *path, struct beside *ret, struct vdk_report *report);

/*
 * Give the file its name, if everything could be written; else remove it. @mode: its permissions,
 * before the umask, if it is a new one. Closes in any case.
 *
 * Return: 0; -EIO or what fflush(3) and rename(2) return.
 */
int beside_commit(struct beside *beside, mode_t mode, struct vdk_report *report);

/* Close and remove it: there is nothing to commit. */
void beside_drop(struct beside *beside);

#endif
