/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BASE_SYSTEM_H
#define VDK_BASE_SYSTEM_H

/*
 * System calls that one of the C libraries we build with (glibc 2.36, musl 1.2.3) has no function
 * for. Same contract as a libc's: -1 and errno.
 */

#include <linux/fs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static inline int vdk_close_range(unsigned int first, unsigned int last)
{
	return (int)syscall(SYS_close_range, first, last, 0);
}

static inline int vdk_renameat2(int from_dir, const char *from, int to_dir, const char *to,
                                unsigned int flags)
{
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

/*
 * fork() of a child whose end is no SIGCHLD: where that is blocked, it would stay pending and reach
 * the program that this process becomes. Single-threaded callers only; wait with __WALL.
 */
static inline pid_t vdk_fork_silently(void)
{
	return (pid_t)syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);
}

#endif
