/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The image that a process uses, or a file, as bytes of our own. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <vdk/note.h>

#include "base/cleanup.h"
#include "inspect/process.h"

#define PAGE UINT64_C(4096)

/* Which address the program, or the kernel, says that the vDSO has. */
static int find_address(const struct vdk_process *process, const struct vdk_maps *maps, bool kernel,
                        uint64_t *ret_address, struct vdk_report *report)
{
	const struct vdk_auxv_entry *entries;
	struct vdk_auxv auxv;
	size_t count;
	int error = vdk_auxv_read(process, maps, &auxv, report);

	if (error)
		return error;
	/* A program that overwrote its own vector has what the kernel gave it. */
	if (!kernel && auxv.own_error && auxv.own_error != -ENOENT)
		return vdk_report_set(report, auxv.own_error, process->object,
		                      "cannot read its stack: %s", strerror(-auxv.own_error));
	entries = kernel || auxv.own_error ? auxv.saved : auxv.own;
	count = kernel || auxv.own_error ? auxv.saved_count : auxv.own_count;
	if (!vdk_auxv_find(entries, count, AT_SYSINFO_EHDR, ret_address) || *ret_address == 0)
		return vdk_report_set(report, -ENOENT, process->object, kernel
		                      ? "the kernel gave it no vDSO"
		                      : "has no vDSO: the kernel gave it none, or it is hidden");
	return 0;
}

static int check_elf(const uint8_t *bytes, size_t size, const char *object,
                     struct vdk_report *report)
{
	if (size >= EI_NIDENT && memcmp(bytes, ELFMAG, SELFMAG) == 0)
		return 0;
	return vdk_report_set(report, -ENOEXEC, object, "expected an ELF image, found none");
}

/* Two copies that must agree: a process may write into its image while it is copied. */
static int copy(const struct vdk_process *process, uint64_t address, uint64_t size,
                struct vdk_bytes *ret_image, struct vdk_report *report)
{
	vdk_cleanup_free uint8_t *first = malloc(size), *second = malloc(size);
	int error;

	if (!first || !second)
		return vdk_report_set(report, -ENOMEM, process->object, "out of memory");
	error = vdk_process_read(process, address, first, size);
	if (!error)
		error = vdk_process_read(process, address, second, size);
	if (error)
		return vdk_report_set(report, error, process->object,
		                      "cannot read its vDSO at %#" PRIx64 ": %s", address,
		                      strerror(-error));
	if (memcmp(first, second, size) != 0)
		return vdk_report_set(report, -EAGAIN, process->object,
		                      "changed its vDSO while it was read");
	error = check_elf(first, size, process->object, report);
	if (error)
		return error;
	*ret_image = (struct vdk_bytes){first, size, address};
	first = NULL;
	return 0;
}

/* The range was one mapping before; it must be so afterwards. */
static int check_still_there(const struct vdk_process *process, uint64_t start, uint64_t end,
                             struct vdk_report *report)
{
	struct vdk_maps *maps;
	const struct vdk_map *map;
	int error = vdk_process_maps(process, &maps, report);

	if (error)
		return error;
	map = vdk_maps_find(maps, start);
	if (!map || map->start > start || map->end != end)
		error = vdk_report_set(report, -EAGAIN, process->object,
		                       "changed its mappings while its vDSO was read");
	vdk_maps_free(maps);
	return error;
}

static int copy_checked(const struct vdk_process *process, const struct vdk_maps *maps,
                        bool kernel, struct vdk_bytes *ret_image, struct vdk_report *report)
{
	const struct vdk_map *map;
	uint64_t address;
	int error = find_address(process, maps, kernel, &address, report);

	if (error)
		return error;
	map = vdk_maps_find(maps, address);
	if (!map || address % PAGE != 0)
		return vdk_report_set(report, -ENOEXEC, process->object,
		                      "AT_SYSINFO_EHDR is %#" PRIx64 ", where no page is mapped",
		                      address);
	if (map->end - address > VDK_IMAGE_SIZE_MAX)
		return vdk_report_set(report, -EFBIG, process->object,
		                      "expected a vDSO of at most %u bytes, found a mapping of "
		                      "%" PRIu64, VDK_IMAGE_SIZE_MAX, map->end - address);
	error = copy(process, address, map->end - address, ret_image, report);
	if (error)
		return error;
	error = check_still_there(process, address, map->end, report);
	if (error)
		free(ret_image->bytes);
	return error;
}

int vdk_process_image(const struct vdk_process *process, bool kernel, struct vdk_bytes *ret_image,
                      struct vdk_report *report)
{
	struct vdk_bytes image;
	struct vdk_maps *maps;
	int error = vdk_process_maps(process, &maps, report);

	if (error)
		return error;
	error = copy_checked(process, maps, kernel, &image, report);
	vdk_maps_free(maps);
	if (!error)
		*ret_image = image;
	return error;
}

int vdk_file_image(const char *path, struct vdk_bytes *ret_image, struct vdk_report *report)
{
	vdk_cleanup_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	vdk_cleanup_free uint8_t *bytes = NULL;
	size_t done = 0;
	struct stat stat;
	int error;

	if (fd < 0 || fstat(fd, &stat)) {
		error = -errno;
		return vdk_report_set(report, error, path, "%s", strerror(-error));
	}
	if (!S_ISREG(stat.st_mode))
		return vdk_report_set(report, -ENOEXEC, path, "expected a regular file");
	if ((uint64_t)stat.st_size > VDK_IMAGE_SIZE_MAX)
		return vdk_report_set(report, -EFBIG, path, "expected at most %u bytes, found %lld",
		                      VDK_IMAGE_SIZE_MAX, (long long)stat.st_size);
	bytes = malloc((size_t)stat.st_size + 1);
	if (!bytes)
		return vdk_report_set(report, -ENOMEM, path, "out of memory");
	while (done < (size_t)stat.st_size) {
		const ssize_t got = pread(fd, bytes + done, (size_t)stat.st_size - done, (off_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			error = got ? -errno : -EAGAIN;
			return vdk_report_set(report, error, path, "cannot read it whole: %s",
			                      strerror(-error));
		}
		done += (size_t)got;
	}
	error = check_elf(bytes, done, path, report);
	if (error)
		return error;
	*ret_image = (struct vdk_bytes){bytes, done, 0};
	bytes = NULL;
	return 0;
}
