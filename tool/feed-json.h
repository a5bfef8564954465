/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_FEED_JSON_H
#define VDK_TOOL_FEED_JSON_H

#include "feed.h"

/* Collect the leaves of {"rec": {"field": value, "array": [1, 2], "nested": {"field": 1}}}. */
int feed_json(struct feed *feed, const char *text, size_t length, size_t *ret_column,
              struct vdk_report *report);

#endif
