/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Make a page from an image's note. The file gets all its blocks before anything is written: a
 * sparse page on a full file system would kill its writer with SIGBUS at some later store.
 */
#include <vdk/publish.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vdk/layout.h>

#include "base/cleanup.h"
#include "publish/io.h"
#include "publish/version.h"

#define TABLE_OFFSET ((uint32_t)((sizeof(struct vdk_page_header) + 63) / 64 * 64))

/* @ret_version: of the page's format. */
static int check_note(const struct vdk_note *note, uint32_t *ret_version,
                      struct vdk_report *report)
{
	const char *name = (const char *)note->image.name;
	struct vdk_layout *layout = NULL;
	int error;

	if (!note->table)
		return vdk_report_set(report, -ENODATA, name,
		                      "the image has no records, so it has no page");
	error = vdk_layout_parse(note->table, note->image.table_size,
	                         (uint64_t)TABLE_OFFSET + note->image.table_size, name,
	                         &layout, report);
	if (error)
		return error;
	if (layout->page_size != note->image.page_size)
		error = vdk_report_set(report, -EBADMSG, name,
		                       "page size: expected %u by the note, found %u in its table",
		                       note->image.page_size, layout->page_size);
	*ret_version = vdk_layout_page_version(layout);
	vdk_layout_free(layout);
	return error;
}

static int fill(int fd, uint32_t version, const struct vdk_note *note)
{
	struct vdk_page_header header = {
		.magic = VDK_PAGE_MAGIC,
		.version = version,
		.header_size = sizeof(header),
		.size = note->image.page_size,
		.layout_id = note->image.layout_id,
		.table_offset = TABLE_OFFSET,
		.table_size = note->image.table_size,
	};
	int error;

	if (ftruncate(fd, note->image.page_size) < 0)
		return -errno;
	error = posix_fallocate(fd, 0, note->image.page_size);
	if (error)
		return -error;
	error = vdk_write_at(fd, note->table, note->image.table_size, TABLE_OFFSET);
	return error ? error : vdk_write_at(fd, &header, sizeof(header), 0);
}

static int create_memfd(uint32_t version, const struct vdk_note *note, int *ret_fd)
{
	vdk_cleanup_close int fd = memfd_create("vdk-page", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int error;

	if (fd < 0)
		return -errno;
	error = fill(fd, version, note);
	if (error)
		return error;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) < 0)
		return -errno;
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}

static int create_file(int dir_fd, const char *file, unsigned int mode, uint32_t version,
                       const struct vdk_note *note, int *ret_fd)
{
	vdk_cleanup_close int fd =
		openat(dir_fd, file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return -errno;
	error = fill(fd, version, note);
	if (!error && fchmod(fd, (mode_t)mode) < 0)
		error = -errno;
	if (error) {
		unlinkat(dir_fd, file, 0);
		return error;
	}
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}

int vdk_page_create(int dir_fd, const char *file, unsigned int mode, const struct vdk_note *note,
                    int *ret_fd, struct vdk_report *report)
{
	uint32_t version = 0;
	int error = check_note(note, &version, report);

	if (error)
		return error;
	error = file ? create_file(dir_fd, file, mode, version, note, ret_fd)
	             : create_memfd(version, note, ret_fd);
	return error ? vdk_report_set(report, error, file ? file : "memfd",
	                              "cannot make a page of %u bytes: %s", note->image.page_size,
	                              strerror(-error))
	             : 0;
}
