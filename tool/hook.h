/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_HOOK_H
#define VDK_TOOL_HOOK_H

/* The author's update hook (vdk/update.h): load its module, call it on an open page. */

#include <vdk/page.h>
#include <vdk/report.h>

struct hook;

/*
 * @fd: the module, trusted by the caller; used during the call only
 * @period: between two calls, ns; 0: once
 *
 * The module is never unloaded: it may have left threads and handlers behind.
 *
 * Return: 0; -ENOEXEC not a module, or one of another version; -ENOMEM.
 */
int hook_load(int fd, struct vdk_page *page, uint64_t period, struct hook **ret_hook,
              struct vdk_report *report);
struct hook *hook_free(struct hook *hook);

/* Call it once. Return: 0, or the negative errno of its failure, with words in @report. */
int hook_call(struct hook *hook, uint64_t now, struct vdk_report *report);

/* Call it once more, and tell it that it rests from then on. */
void hook_rest(struct hook *hook, uint64_t now);

/* Call it at once when this is readable; -1: it has none. It may be another one after each call. */
int hook_wake_fd(const struct hook *hook);

#endif
