/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that a process has mapped. It may have another root directory than we have. */
#include "doctor/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspect/process.h"

/* A file by its path as the process sees it. */
static int open_path(const struct doctor *doctor, const char *path, int *ret_fd)
{
	char below[PATH_MAX];
	vdk_cleanup_close int fd = -1;
	struct stat stat;

	if (*path != '/')
		return -ENOENT;
	if (doctor->fake)
		return doctor_open_file(doctor, path, ret_fd);
	if (snprintf(below, sizeof(below), "root%s", path) >= (int)sizeof(below))
		return -ENAMETOOLONG;
	fd = openat(doctor->process->dir_fd, below, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &stat))
		return -errno;
	if (!S_ISREG(stat.st_mode))
		return -EBADMSG;
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}

int doctor_open_mapped(const struct doctor *doctor, const struct vdk_map *map, int *ret_fd)
{
	vdk_cleanup_close int fd = -1;
	struct stat stat;
	const int error = open_path(doctor, map->path, &fd);

	if (error)
		return error;
	/* Not by the device: btrfs and overlayfs show one number in maps, another one in stat. */
	if (fstat(fd, &stat) || stat.st_ino != map->inode)
		return -ENOENT;
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}

bool doctor_is_first_of_file(const struct doctor *doctor, size_t index)
{
	const struct vdk_map *map = &doctor->maps->maps[index];

	for (size_t i = index; i-- > 0;) {
		const struct vdk_map *other = &doctor->maps->maps[i];

		if (other->inode == map->inode && !strcmp(other->path, map->path))
			return false;
	}
	return true;
}
