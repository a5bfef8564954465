/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_REPORT_H
#define VDK_REPORT_H

/**
 * vdk/report.h - what went wrong, in words
 *
 * The library returns negative errno values and never prints. Where a number is not enough, a
 * function takes a struct vdk_report as its last parameter and fills it on failure: the object
 * that was at fault and one sentence that says what is wrong with it, where (an offset, a line,
 * a field), what was expected and what was found. The command line prints both as
 *
 *     vdk COMMAND: OBJECT: TEXT
 *
 * A report is untouched on success. It owns no memory and may lie on the stack. Every function
 * that takes one accepts NULL.
 */

#include <stdint.h>

struct vdk_report {
	int error;        /* the negative errno that the function returns as well */
	char object[256]; /* a path, a publication's name, "process 123"; may be empty */
	char text[768];   /* one sentence without a full stop */
};

/**
 * vdk_report_set() - fill a report and hand the error on
 * @report: filled; NULL: nothing is filled
 * @error:  a negative errno
 * @object: what is at fault; copied, cut to fit
 * @format: as printf(3)
 *
 * Meant for `return vdk_report_set(report, -EINVAL, path, "...", ...);`. Keeps errno.
 *
 * Return: @error.
 */
int vdk_report_set(struct vdk_report *report, int error, const char *object, const char *format,
                   ...) __attribute__((format(printf, 4, 5)));

#endif
