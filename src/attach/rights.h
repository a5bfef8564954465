/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_RIGHTS_H
#define VDK_ATTACH_RIGHTS_H

/* May we trace here? Asked before anything is started, so that a refusal is a sentence. */

#include <stdbool.h>

#include <vdk/report.h>

#define VDK_CAP_SYS_PTRACE 19
#define VDK_CAP_SYS_ADMIN 21

/* Is the capability effective in this process? */
bool vdk_has_capability(int capability);

/*
 * What the Yama security module makes of a tracer that is not an ancestor of its tracee.
 *
 * @scope:      kernel.yama.ptrace_scope, 0 when there is no Yama
 * @privileged: CAP_SYS_PTRACE is effective
 * @follow:     descendants are to be traced too, not only a process that asked for it
 *
 * Return: 0; -EPERM and a report that says which setting stands in the way.
 */
int vdk_yama_verdict(int scope, bool privileged, bool follow, struct vdk_report *report);

/* kernel.yama.ptrace_scope; 0 when there is no Yama. */
int vdk_yama_scope(void);

#endif
