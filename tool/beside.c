/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "beside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int beside_open(const char *path, struct beside *ret, struct vdk_report *report)
{
	struct beside beside = {.path = path};
	int fd, error;

	if (asprintf(&beside.name, "%s.XXXXXX", path) < 0)
		return vdk_report_set(report, -ENOMEM, path, "out of memory");
	fd = mkostemp(beside.name, O_CLOEXEC);
	if (fd < 0) {
		error = -errno;
		free(beside.name);
		return vdk_report_set(report, error, path, "cannot write beside it: %s",
		                      strerror(-error));
	}
	beside.out = fdopen(fd, "w");
	if (!beside.out) {
		close(fd);
		unlink(beside.name);
		free(beside.name);
		return vdk_report_set(report, -ENOMEM, path, "out of memory");
	}
	*ret = beside;
	return 0;
}

int beside_commit(struct beside *beside, mode_t mode, struct vdk_report *report)
{
	const char *const path = beside->path;
	const mode_t mask = umask(0);
	int error = 0;

	umask(mask);
	errno = 0;
	/* A write that failed is remembered by the stream, its reason is not. */
	if (fflush(beside->out) || ferror(beside->out) ||
	    fchmod(fileno(beside->out), mode & ~mask))
		error = errno ? -errno : -EIO;
	if (fclose(beside->out) && !error)
		error = -errno;
	if (!error && rename(beside->name, beside->path))
		error = -errno;
	if (error)
		unlink(beside->name);
	free(beside->name);
	*beside = (struct beside){0};
	return error ? vdk_report_set(report, error, path, "cannot write it: %s", strerror(-error))
	             : 0;
}
