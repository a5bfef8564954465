/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that a process has mapped. It may have another root directory than we have. */
#include "doctor/files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "inspect/process.h"

int doctor_open_mapped(const struct doctor *doctor, const struct vdk_map *map, int *ret_fd)
{
	vdk_cleanup_close int fd = -1;
	struct stat stat;
	int error;

	if (!doctor->fake)
		return vdk_process_mapped(doctor->process, map, VDK_MAPPED_ANY_DEVICE, ret_fd);
	if (*map->path != '/')
		return -ENOENT;
	error = doctor_open_file(doctor, map->path, &fd);
	if (error)
		return error;
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
