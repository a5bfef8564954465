/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Open a page: read its header and table into private memory, check them there, and only then map
 * what the header says. The constant part of the header is believed from the private copy alone.
 */
#include <vdk/page.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "publish/handle.h"
#include "publish/io.h"
#include "publish/lock.h"
#include "publish/map.h"
#include "publish/version.h"

/* What 1024 records with 16384 fields and the longest names would need, and no more. */
#define TABLE_MAX (8u << 20)

static int check_constants(const struct vdk_page_header *header, uint64_t file_size,
                           const char *object, struct vdk_report *report)
{
	if (memcmp(header->magic, VDK_PAGE_MAGIC, sizeof(header->magic)) != 0)
		return vdk_report_set(report, -EBADMSG, object,
		                      "not a page: expected magic %s at offset 0", VDK_PAGE_MAGIC);
	if (!vdk_page_version_known(header->version))
		return vdk_report_set(report, -EOPNOTSUPP, object,
		                      "header: expected format version %u or %u at offset 8, found "
		                      "%u", VDK_PAGE_VERSION, VDK_PAGE_VERSION_LISTS,
		                      header->version);
	if (header->size == 0 || header->size % VDK_PAGE_UNIT != 0 ||
	    header->size > VDK_PAGE_SIZE_MAX || header->size > file_size)
		return vdk_report_set(report, -EBADMSG, object,
		                      "header: expected a size that is a multiple of %u up to %u "
		                      "and within the file's %" PRIu64 ", found %" PRIu64,
		                      VDK_PAGE_UNIT, VDK_PAGE_SIZE_MAX, file_size, header->size);
	if (header->header_size < sizeof(*header) || header->table_offset < header->header_size ||
	    header->table_offset % 8 != 0 || header->table_size > TABLE_MAX ||
	    (uint64_t)header->table_offset + header->table_size > header->size)
		return vdk_report_set(report, -EBADMSG, object,
		                      "header: expected %zu bytes or more and a table behind it "
		                      "within %" PRIu64 ", found %u bytes, table of %u at %u",
		                      sizeof(*header), header->size, header->header_size,
		                      header->table_size, header->table_offset);
	return 0;
}

static int read_at(const struct vdk_page *page, void *to, size_t size, uint32_t offset)
{
	return page->is_map ? vdk_map_read_at(page->fd, to, size, offset)
	                    : vdk_read_at(page->fd, to, size, offset);
}

static int load_layout(struct vdk_page *page, const struct vdk_page_header *header,
                       struct vdk_report *report)
{
	vdk_cleanup_free uint8_t *table = malloc(header->table_size ? header->table_size : 1);
	int error;

	if (!table)
		return -ENOMEM;
	error = read_at(page, table, header->table_size, header->table_offset);
	if (error)
		return vdk_report_set(report, error == -ENODATA ? -EBADMSG : error, page->object,
		                      "cannot read the table: %s", strerror(-error));
	error = vdk_layout_parse(table, header->table_size,
	                         (uint64_t)header->table_offset + header->table_size, page->object,
	                         &page->layout, report);
	if (error)
		return error;
	/* A reader of version 1 would take a list for its first record. */
	if (header->version < vdk_layout_page_version(page->layout))
		return vdk_report_set(report, -EBADMSG, page->object,
		                      "header: expected format version %u at offset 8, since there "
		                      "is a list, found %u", VDK_PAGE_VERSION_LISTS,
		                      header->version);
	if (page->layout->layout_id != header->layout_id ||
	    page->layout->page_size != header->size)
		return vdk_report_set(report, -EBADMSG, page->object,
		                      "header: expected layout id %016" PRIx64 " and size %u by the "
		                      "table, found %016" PRIx64 " and %" PRIu64,
		                      page->layout->layout_id, page->layout->page_size,
		                      header->layout_id, header->size);
	return 0;
}

static int map_page(struct vdk_page *page, int protection, struct vdk_report *report)
{
	void *map = mmap(NULL, page->layout->page_size, protection, MAP_SHARED, page->fd, 0);

	if (map == MAP_FAILED) {
		const int error = errno;

		return vdk_report_set(report, -error, page->object, "cannot map the page: %s",
		                      strerror(error));
	}
	page->map = map;
	return 0;
}

/* @page owns its descriptors from now on; the caller closes it on failure. */
static int load(struct vdk_page *page, struct vdk_report *report)
{
	struct vdk_page_header header;
	struct stat stat;
	uint64_t size;
	int error;

	if (fstat(page->fd, &stat) < 0) {
		error = -errno;
		return vdk_report_set(report, error, page->object, "%s", strerror(-error));
	}
	size = (uint64_t)stat.st_size;
	/* Descriptors without a file of their own look like empty files to some kernels. */
	if (!size || !S_ISREG(stat.st_mode))
		page->is_map = vdk_map_size(page->fd, &size) == 0;
	if (!page->is_map && !S_ISREG(stat.st_mode))
		return vdk_report_set(report, -EBADMSG, page->object,
		                      "not a page: expected a regular file or a BPF map");
	error = read_at(page, &header, sizeof(header), 0);
	if (error)
		return vdk_report_set(report, error == -ENODATA ? -EBADMSG : error, page->object,
		                      "not a page: expected a header of %zu bytes, found %lld",
		                      sizeof(header), (long long)size);
	error = check_constants(&header, size, page->object, report);
	return error ? error : load_layout(page, &header, report);
}

static struct vdk_page *new_handle(const char *object)
{
	struct vdk_page *page = calloc(1, sizeof(*page));

	if (!page)
		return NULL;
	page->fd = page->lock_fd = -1;
	snprintf(page->object, sizeof(page->object), "%s", object ? object : "page");
	return page;
}

int vdk_page_open(int fd, unsigned int flags, const char *object, struct vdk_page **ret_page,
                  struct vdk_report *report)
{
	struct vdk_page *page = new_handle(object);
	int error = 0;

	if (!page)
		return -ENOMEM;
	page->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (page->fd < 0) {
		error = -errno;
		vdk_report_set(report, error, page->object, "%s", strerror(-error));
	}
	if (!error)
		error = load(page, report);
	if (!error && (page->is_map || (flags & VDK_PAGE_MAP)))
		error = map_page(page, PROT_READ, report);
	if (error) {
		vdk_page_close(page);
		return error;
	}
	*ret_page = page;
	return 0;
}

int vdk_page_consume_writer(int fd, int lock_fd, const char *object, struct vdk_page **ret_page,
                            struct vdk_report *report)
{
	struct vdk_page *page = new_handle(object);
	int error = -ENOMEM;

	if (!page)
		return error;
	page->fd = fd;
	page->lock_fd = lock_fd < 0 ? fd : lock_fd;
	page->scratch = aligned_alloc(VDK_CACHE_LINE, VDK_RECORD_MAX);
	if (page->scratch)
		error = load(page, report);
	if (!error)
		error = map_page(page, PROT_READ | PROT_WRITE, report);
	if (!error)
		error = vdk_lock_claim(page, report);
	if (error) {
		page->fd = page->lock_fd = -1;
		vdk_page_close(page);
		return error;
	}
	*ret_page = page;
	return 0;
}

struct vdk_page *vdk_page_close(struct vdk_page *page)
{
	if (!page)
		return NULL;
	if (page->edited)
		vdk_record_cancel(page);
	if (page->map)
		munmap(page->map, page->layout->page_size);
	if (page->lock_fd != page->fd)
		vdk_closep(&page->lock_fd);
	vdk_closep(&page->fd);
	vdk_layout_free(page->layout);
	free(page->scratch);
	free(page);
	return NULL;
}

const struct vdk_layout *vdk_page_layout(const struct vdk_page *page)
{
	return page->layout;
}
