/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_FILTER_H
#define VDK_ATTACH_FILTER_H

#include <vdk/report.h>

#include <stdint.h>

/*
 * Put a seccomp filter on this process that notifies of every execve and execveat, native, 32-bit
 * and x32, and lets everything else pass. Descendants inherit it; it cannot be taken off. With bits
 * in @clocks it notifies of system calls for the time, too: gettimeofday and time, and clock_gettime
 * of clock i where bit i is set.
 *
 * Sets no_new_privs when the process lacks CAP_SYS_ADMIN, as seccomp asks.
 *
 * Return: 0 and the listener, close-on-exec; -EBUSY a filter with a listener is there already;
 *         -EOPNOTSUPP the kernel is older than Linux 5.19 or has no seccomp; -EPERM, -EACCES a
 *         sandbox around us forbids it.
 */
int vdk_filter_install(uint32_t clocks, int *ret_listener, struct vdk_report *report);

#endif
