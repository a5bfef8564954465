/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BASE_CLEANUP_H
#define VDK_BASE_CLEANUP_H

/*
 * Scope guards: an owning local that is declared with one of these is released when it goes out
 * of scope, on every path. Hand an owned value out with the matching steal function.
 *
 *     vdk_cleanup_close int fd = open(...);
 *     ...
 *     *ret_fd = vdk_steal_fd(&fd);
 *
 * Every guard keeps errno. A descriptor of -1 and a NULL pointer own nothing.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void vdk_closep(int *fd)
{
	const int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void vdk_freep(void *pointer)
{
	const int saved = errno;

	free(*(void **)pointer);
	errno = saved;
}

static inline void vdk_fclosep(FILE **file)
{
	const int saved = errno;

	if (*file)
		fclose(*file);
	errno = saved;
}

static inline int vdk_steal_fd(int *fd)
{
	const int stolen = *fd;

	*fd = -1;
	return stolen;
}

#define vdk_cleanup_close __attribute__((cleanup(vdk_closep)))
#define vdk_cleanup_free __attribute__((cleanup(vdk_freep)))
#define vdk_cleanup_fclose __attribute__((cleanup(vdk_fclosep)))

#endif
