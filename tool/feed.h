/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_FEED_H
#define VDK_TOOL_FEED_H

/*
 * Changes to a page as text, which feed-line.h and feed-json.h take from lines and objects. They are
 * collected and checked first, all of them, and only then written: all fields of one record in one
 * consistent update, records in the order in which they were first named. A mistake anywhere
 * changes nothing.
 */

#include <stddef.h>

#include <vdk/page.h>
#include <vdk/report.h>

struct feed;

/* @page: open for writing, outlives the feed. NULL when there is no memory. */
struct feed *feed_new(struct vdk_page *page);
struct feed *feed_free(struct feed *feed);

/* The layout that names are looked up in. */
const struct vdk_layout *feed_layout(const struct feed *feed);

/* Forget what was collected. */
void feed_clear(struct feed *feed);

/* Collect one change; -ENOENT, -EINVAL, -ERANGE as vdk/field.h. */
int feed_assign(struct feed *feed, const char *name, size_t name_length, const char *text,
                size_t length, struct vdk_report *report);

/* Collect `rec.field=value` as one argument of a command; the value is taken as it is. */
int feed_argument(struct feed *feed, const char *argument, struct vdk_report *report);

/* Write what was collected. Return: the number of records updated, or as vdk_record_edit(). */
int feed_commit(struct feed *feed, struct vdk_report *report);

#endif
