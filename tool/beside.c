/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "beside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Return a descriptor, or a negative errno. */
static int open_file(struct beside *beside)
{
	struct stat there;
	int fd;

	if (!lstat(beside->path, &there) && !S_ISREG(there.st_mode)) {
		/* A link may lead to what is not there yet. */
		fd = open(beside->path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0666);
		return fd < 0 ? -errno : fd;
	}
	if (asprintf(&beside->name, "%s.XXXXXX", beside->path) < 0) {
		beside->name = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(beside->name, O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int beside_open(const char *path, struct beside *ret, struct vdk_report *report)
{
	struct beside beside = {.path = path};
	const int fd = open_file(&beside);

	if (fd < 0) {
		free(beside.name);
		return vdk_report_set(report, fd, path, "cannot be written: %s", strerror(-fd));
	}
	beside.out = fdopen(fd, "w");
	if (!beside.out) {
		close(fd);
		if (beside.name)
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
	bool known = true;
	int error = 0;

	umask(mask);
	errno = 0;
	/* A write that failed is remembered by the stream, its reason is not. */
	if (fflush(beside->out) || ferror(beside->out) ||
	    (beside->name && fchmod(fileno(beside->out), mode & ~mask))) {
		known = errno != 0;
		error = known ? -errno : -EIO;
	}
	if (fclose(beside->out) && !error)
		error = -errno;
	if (beside->name && !error && rename(beside->name, path))
		error = -errno;
	if (beside->name && error)
		unlink(beside->name);
	free(beside->name);
	*beside = (struct beside){0};
	return error ? vdk_report_set(report, error, path, "cannot be written: %s",
	                              known ? strerror(-error)
	                                    : "a write failed, as one does where no room is left")
	             : 0;
}

void beside_drop(struct beside *beside)
{
	fclose(beside->out);
	if (beside->name)
		unlink(beside->name);
	free(beside->name);
	*beside = (struct beside){0};
}
