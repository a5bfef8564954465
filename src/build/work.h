/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BUILD_WORK_H
#define VDK_BUILD_WORK_H

/*
 * The folder that a build works in: a new one under $TMPDIR that goes with the build, or one of
 * the caller's that stays. It is flat: the build makes no folders in it.
 */

#include <stdbool.h>
#include <stdio.h>

#include <vdk/report.h>

struct work {
	char *path; /* absolute; NULL = none */
	bool keep;
};

/* @keep: a folder to make if need be and to leave, or NULL. Return: 0; a negative errno. */
int work_init(struct work *work, const char *keep, struct vdk_report *report);

/* Remove the folder with all files in it unless it is to be kept. */
void work_deinit(struct work *work);

/* Open PATH/NAME for writing. Return: 0 and *ret_file, which work_close() closes. */
int work_open(const struct work *work, const char *name, FILE **ret_file,
              struct vdk_report *report);

/* Close what work_open() opened and find out whether all of it was written. */
int work_close(const struct work *work, const char *name, FILE *file, struct vdk_report *report);

#define cleanup_work __attribute__((cleanup(work_deinit)))

#endif
