/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_TELL_H
#define VDK_ATTACH_TELL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Say something about a program of the followed tree: "vdk run: NAME (PID) TEXT", on that
 * program's own standard error. The supervisor keeps no terminal, pipe or file of its own open,
 * so that nobody who waits for the end of a pipe waits for the supervisor.
 *
 * Says nothing when the program's standard error cannot be had. Waits a second for it at most:
 * whatever is at the other end, and whoever fills it just then, a child writes, which gives up after
 * a while and which the caller reaps by waitpid(-1).
 *
 * @tid is traced by us, so that its number cannot be another's.
 */
void vdk_tell(pid_t tid, const char *text);

/*
 * The same of a thread that is not traced, but waits for the answer to its notification @id. False
 * when it does so no more: then its number may be another's, who is told nothing.
 */
bool vdk_tell_of(int listener, uint64_t id, pid_t tid, const char *text);

#endif
