/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BAKE_EDITS_H
#define VDK_BAKE_EDITS_H

/*
 * The expanded text of linux-6.1/edits on files of a tree. Every place must be there exactly once,
 * in exactly the form that is expected; so additions that are taken out again leave the file as it
 * was, and a tree of another kernel is noticed at the first line that differs.
 */

#include <stdbool.h>

#include <vdk/report.h>

#include "build/list.h"

/* The paths of all files that the edits look at. Return: 0; -EINVAL damaged; -ENOMEM. */
int edits_files(const char *edits, struct list *ret_paths, struct vdk_report *report);

/*
 * A file's text with the additions, or (@remove) without them again.
 * Return: 0; -EILSEQ a place is missing or differs: the report says where, what was expected and
 *         what was found; -ENOMEM.
 */
int edits_rewrite(const char *edits, const char *path, const char *text, bool remove,
                  char **ret_text, struct vdk_report *report);

#endif
