/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The file behind a mapping. Where it lies is what the process says, and somebody may have put
 * something else there: a FIFO on whose other end a writer waits, a device that does something when
 * it is opened. So a path is opened as a place only (O_PATH), and the file for reading once it is
 * known to be the one that is mapped.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspect/process.h"
#include "publish/io.h"

/* A path in maps has no symbolic links: one that is there now leads elsewhere. */
static int open_place(int root_fd, const char *path, uint64_t resolve)
{
	const struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | resolve,
	};
	const int fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));

	/* Linux before 5.6, and some sandboxes: what is found there is looked at all the same. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return openat(root_fd, path + (resolve != 0), (int)how.flags);
	return fd;
}

static bool is_mapped(int fd, const struct vdk_map *map, unsigned int flags)
{
	struct stat stat;

	return fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_ino == map->inode &&
	       (flags & VDK_MAPPED_ANY_DEVICE ||
	        (major(stat.st_dev) == map->major && minor(stat.st_dev) == map->minor));
}

/* The kernel's own link to the file; it asks for rights that few have. */
static int open_link(const struct vdk_process *process, const struct vdk_map *map)
{
	char path[64];

	snprintf(path, sizeof(path), "map_files/%llx-%llx", (unsigned long long)map->start,
	         (unsigned long long)map->end);
	return openat(process->dir_fd, path, O_PATH | O_CLOEXEC);
}

/* As the process sees it, which may have another root than we. */
static int open_below_root(const struct vdk_process *process, const struct vdk_map *map)
{
	vdk_cleanup_close int root_fd =
		openat(process->dir_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return root_fd < 0 ? -1 : open_place(root_fd, map->path, RESOLVE_IN_ROOT);
}

int vdk_process_mapped(const struct vdk_process *process, const struct vdk_map *map,
                       unsigned int flags, int *ret_fd)
{
	for (int way = 0; way < 3; way++) {
		vdk_cleanup_close int fd = -1;

		if (way && (*map->path != '/' || map->deleted))
			break;
		fd = way == 0   ? open_link(process, map)
		     : way == 1 ? open_below_root(process, map)
		                : open_place(AT_FDCWD, map->path, 0);
		if (fd >= 0 && is_mapped(fd, map, flags))
			return vdk_reopen(fd, O_RDONLY, ret_fd);
	}
	return -ENOENT;
}
