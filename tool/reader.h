/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_READER_H
#define VDK_TOOL_READER_H

/*
 * Pages for commands that only look. They are read by pread(2), so that a file which somebody
 * shortens meanwhile is an error and not a SIGBUS.
 */

#include <vdk/page.h>

/* A publication's page; -ENODATA when its image has no records. */
int reader_open(const char *name, struct vdk_page **ret_page, struct vdk_report *report);

/* Any file. */
int reader_open_file(const char *path, struct vdk_page **ret_page, struct vdk_report *report);

#endif
