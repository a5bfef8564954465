/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_TELL_H
#define VDK_ATTACH_TELL_H

#include <sys/types.h>

/*
 * Say something about a program of the followed tree: "vdk run: NAME (PID) TEXT", on that
 * program's own standard error. The supervisor keeps no terminal, pipe or file of its own open,
 * so that nobody who waits for the end of a pipe waits for the supervisor.
 *
 * Says nothing when the program's standard error cannot be had; never blocks on it.
 */
void vdk_tell(pid_t tid, const char *text);

#endif
