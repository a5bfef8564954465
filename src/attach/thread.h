/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_THREAD_H
#define VDK_ATTACH_THREAD_H

/*
 * What /proc says of one thread of a followed tree. Each answer may be out of date when it is
 * given; who asks must be right with that.
 */

#include <stdbool.h>
#include <sys/types.h>

/* The process that a thread belongs to; 0 when it is gone. */
pid_t vdk_thread_process(pid_t tid);

/* Did it end? A leader that does so before its threads remains, and no event tells of it. */
bool vdk_thread_is_zombie(pid_t tid);

/* Is its tracer a `vdk run --once` inside our tree? Then it runs attached, though not by us. */
bool vdk_thread_tracer_is_vdk(pid_t tid);

/* How many seccomp filters it has; 0 before Linux 5.9, which does not tell. */
int vdk_thread_filters(pid_t tid);

/* The time that it has spent in its program's code, not in system calls, in clock ticks; 0: gone. */
unsigned long vdk_thread_user_time(pid_t tid);

/*
 * Still in its exec, in another system call, in none; one that RUNS may be in any of them. GONE: no
 * thread has the number, which is also what an exec of a thread that is not the first looks like.
 */
enum vdk_place { VDK_IN_EXEC, VDK_IN_CALL, VDK_IN_PROGRAM, VDK_RUNS, VDK_GONE };
enum vdk_place vdk_thread_place(pid_t tid);

#endif
