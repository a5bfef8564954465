/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_OUTCOME_H
#define VDK_TOOL_OUTCOME_H

#include <vdk/page.h>
#include <vdk/publish.h>

/*
 * Print what `vdk publish --json` promises, one line, before anything is fed. @page: NULL when the
 * publication has none, or one that only the kernel writes.
 */
void outcome_print_json(const char *name, enum vdk_published outcome, struct vdk_page *page);

#endif
