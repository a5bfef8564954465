/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where images come from: a file, or the mapping of this process's own vDSO. */
#include <vdk/check.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "base/cleanup.h"

/* Reads exactly @size bytes; a file that became shorter meanwhile is an error. */
static int read_all(int fd, uint8_t *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		const ssize_t now = read(fd, bytes + done, size - done);

		if (now < 0 && errno == EINTR)
			continue;
		if (now < 0)
			return -errno;
		if (now == 0)
			return -EIO;
		done += (size_t)now;
	}
	return 0;
}

/* Opened without blocking: the path may name a FIFO that nobody writes to. */
static int open_image(const char *path, size_t *ret_size, int *ret_fd, struct vdk_report *report)
{
	vdk_cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	int error;

	if (fd < 0) {
		error = -errno;
		return vdk_report_set(report, error, path, "cannot open: %s", strerror(-error));
	}
	if (fstat(fd, &status) != 0) {
		error = -errno;
		return vdk_report_set(report, error, path, "cannot stat: %s", strerror(-error));
	}
	if (!S_ISREG(status.st_mode)) {
		error = S_ISDIR(status.st_mode) ? -EISDIR : -ENODEV;
		return vdk_report_set(report, error, path, "expected an image file, found %s",
		                      error == -EISDIR ? "a directory" : "a special file");
	}
	if (status.st_size > (off_t)VDK_CHECK_SIZE_MAX)
		return vdk_report_set(report, -EFBIG, path,
		                      "expected at most %u bytes, found %lld: not an image",
		                      VDK_CHECK_SIZE_MAX, (long long)status.st_size);
	*ret_size = (size_t)status.st_size;
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}

int vdk_check_file(const char *path, const struct vdk_check_options *options,
                   struct vdk_check_result **ret_result, struct vdk_report *report)
{
	vdk_cleanup_close int fd = -1;
	vdk_cleanup_free uint8_t *bytes = NULL;
	size_t size = 0;
	int error = open_image(path, &size, &fd, report);

	if (error)
		return error;
	bytes = malloc(size ? size : 1);
	if (!bytes)
		return vdk_report_set(report, -ENOMEM, path, "no memory for %zu bytes", size);
	error = read_all(fd, bytes, size);
	if (error)
		return vdk_report_set(report, error, path, "cannot read: %s", strerror(-error));
	return vdk_check_memory(bytes, size, options, ret_result, report);
}

/* The end of the mapping that starts at @base. */
static int mapping_end(uint64_t base, uint64_t *ret_end)
{
	vdk_cleanup_fclose FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];

	if (!maps)
		return -errno;
	while (fgets(line, sizeof(line), maps)) {
		uint64_t start, end;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) == 2 && start == base) {
			*ret_end = end;
			return 0;
		}
	}
	return -ENOENT;
}

int vdk_check_running(const struct vdk_check_options *options,
                      struct vdk_check_result **ret_result, struct vdk_report *report)
{
	const uint64_t base = getauxval(AT_SYSINFO_EHDR);
	uint64_t end = 0;
	int error;

	if (!base)
		return vdk_report_set(report, -ENOENT, "vdso",
		                      "this process has no vDSO: no AT_SYSINFO_EHDR");
	error = mapping_end(base, &end);
	if (error)
		return vdk_report_set(report, -EIO, "vdso", "no mapping at %#" PRIx64, base);
	return vdk_check_memory((const void *)(uintptr_t)base, end - base, options, ret_result,
	                        report);
}
