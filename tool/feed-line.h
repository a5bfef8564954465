/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_FEED_LINE_H
#define VDK_TOOL_FEED_LINE_H

#include "feed.h"

/*
 * Collect and write one line: assignments with blanks between them, values with blanks in double
 * quotes; or a JSON object. Empty lines and lines with # in front do nothing.
 *
 * @ret_column: where the mistake is, from 1; set on failure only
 * Return: the number of records updated, or a negative errno.
 */
int feed_line(struct feed *feed, const char *line, size_t length, size_t *ret_column,
              struct vdk_report *report);

#endif
