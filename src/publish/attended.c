/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Is anybody there? Linux gives a write lease (fcntl(2), F_SETLEASE) only on a file that nobody
 * else has open, and an open file lives as long as a mapping of it. So asking for one, and giving
 * it back at once, answers for all processes in two system calls; and inotify tells of the next
 * open without any asking.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <vdk/page.h>

#include "base/cleanup.h"
#include "publish/handle.h"

int vdk_page_attended(struct vdk_page *page)
{
	if (!page->slot)
		return -EPERM;
	/* An open that meets the lease signals its holder: by SIGIO, which kills, unless told else. */
	if (fcntl(page->fd, F_SETSIG, SIGURG))
		return -errno;
	if (fcntl(page->fd, F_SETLEASE, F_WRLCK))
		return errno == EAGAIN || errno == EBUSY ? 1 : -errno;
	return fcntl(page->fd, F_SETLEASE, F_UNLCK) ? -errno : 0;
}

int vdk_page_watch(struct vdk_page *page, int *ret_fd)
{
	vdk_cleanup_close int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char path[32];

	if (!page->slot)
		return -EPERM;
	if (fd < 0)
		return -errno;
	/* The file itself, whatever it is called by now: a replaced publication keeps its page. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", page->fd);
	if (inotify_add_watch(fd, path, IN_OPEN) < 0)
		return errno == ENOENT ? -EOPNOTSUPP : -errno;
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}
