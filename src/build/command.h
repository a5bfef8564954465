/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BUILD_COMMAND_H
#define VDK_BUILD_COMMAND_H

#include <signal.h>
#include <stddef.h>

#include <vdk/report.h>

#include "list.h"

/*
 * The signals that ask a program to end. Whoever has files to remove blocks them meanwhile:
 * the commands below do not pass that on to their programs, and end early when one is pending.
 */
void command_signals(sigset_t *ret_set);

/*
 * Run a program (looked up in PATH) to its end, never through a shell. Its standard output and
 * error are ours: a compiler's messages reach the author as they are.
 *
 * Return: 0 when it exited with 0; -ENOENT and the like when it could not be started; -ECANCELED
 *         when it failed and @report says how; it has then said why itself, or we were asked to
 *         end.
 */
int command_run(const struct list *argv, struct vdk_report *report);

/* The same, with its standard output in @output, cut to fit and NUL-terminated. */
int command_read(const struct list *argv, char *output, size_t size, struct vdk_report *report);

#endif
