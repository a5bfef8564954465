/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A page that a process has mapped, as a descriptor. Its file is best: reads of a record are then
 * consistent by the page's own protocol. Where the file cannot be opened, a copy through the
 * process's memory serves, when two copies in a row are the same: each sequence was then the same
 * after the first copy as before it, so no copy in use was overwritten meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <vdk/format.h>

#include "base/cleanup.h"
#include "inspect/process.h"

#define TRIES 16

/* Is this the file that is mapped? */
static bool is_mapped_file(int fd, const struct vdk_map *map)
{
	struct stat stat;

	return fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_ino == map->inode &&
	       major(stat.st_dev) == map->major && minor(stat.st_dev) == map->minor;
}

static int open_file(const struct vdk_process *process, const struct vdk_map *map)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "map_files/%llx-%llx", (unsigned long long)map->start,
	         (unsigned long long)map->end);
	fd = openat(process->dir_fd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && *map->path == '/' && !map->deleted)
		fd = open(map->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && !is_mapped_file(fd, map))
		vdk_closep(&fd), fd = -1;
	return fd;
}

static int copy_twice(const struct vdk_process *process, const struct vdk_map *map, size_t size,
                      uint8_t *first, uint8_t *second)
{
	for (int i = 0; i < TRIES; i++) {
		int error = vdk_process_read(process, map->start, first, size);

		if (!error)
			error = vdk_process_read(process, map->start, second, size);
		if (error)
			return error;
		if (memcmp(first, second, size) == 0)
			return 0;
	}
	return -EAGAIN;
}

int vdk_process_page_fd(const struct vdk_process *process, const struct vdk_map *map, int *ret_fd)
{
	const uint64_t size = map->end - map->start;
	vdk_cleanup_free uint8_t *copies = NULL;
	vdk_cleanup_close int fd = open_file(process, map);
	int error;

	if (fd < 0) {
		if (size > VDK_PAGE_SIZE_MAX)
			return -EBADMSG;
		copies = malloc(2 * size);
		if (!copies)
			return -ENOMEM;
		error = copy_twice(process, map, size, copies, copies + size);
		if (error)
			return error;
		fd = memfd_create("vdk-page-copy", MFD_CLOEXEC);
		if (fd < 0)
			return -errno;
		for (uint64_t done = 0; done < size;) {
			const ssize_t put = pwrite(fd, copies + done, size - done, (off_t)done);

			if (put < 0 && errno != EINTR)
				return -errno;
			done += put > 0 ? (uint64_t)put : 0;
		}
	}
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}
