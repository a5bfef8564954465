/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A page that a process has mapped, as a descriptor. Its file is best: reads of a record are then
 * consistent by the page's own protocol. Where the file cannot be opened, a copy through the
 * process's memory serves, when two copies in a row are the same: each sequence was then the same
 * after the first copy as before it, so no copy in use was overwritten meanwhile.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <vdk/format.h>

#include "base/cleanup.h"
#include "inspect/process.h"

#define TRIES 16

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
	vdk_cleanup_close int fd = -1;
	int error;

	if (vdk_process_mapped(process, map, 0, &fd)) {
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
