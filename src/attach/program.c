/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attach/program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "attach/rights.h"
#include "base/cleanup.h"

/* execve(2)'s own view of a candidate: a regular file that we may execute. */
static int executable(const char *path)
{
	struct stat status;

	if (stat(path, &status))
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EACCES;
	return access(path, X_OK) ? -errno : 0;
}

static int search(const char *file, char path[PATH_MAX])
{
	const char *folders = getenv("PATH");
	int result = -ENOENT;

	if (!folders)
		folders = "/bin:/usr/bin";
	for (;;) {
		const size_t length = strcspn(folders, ":");
		int error;

		/* An empty element means the current directory. */
		if (snprintf(path, PATH_MAX, "%.*s%s%s", (int)length, folders, length ? "/" : "",
		             file) < PATH_MAX) {
			error = executable(path);
			if (!error)
				return 0;
			if (error == -EACCES)
				result = error;
		}
		folders += length;
		if (!*folders++)
			return result;
	}
}

int vdk_program_is_privileged(int fd)
{
	struct stat status;

	if (fstat(fd, &status))
		return 0;
	if ((status.st_mode & S_ISUID && status.st_uid != geteuid()) ||
	    ((status.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
	     status.st_gid != getegid()))
		return 1;
	return geteuid() != 0 && fgetxattr(fd, "security.capability", NULL, 0) > 0;
}

static int refuse_kind(int fd, const char *path, struct vdk_report *report)
{
	unsigned char ident[EI_NIDENT];

	if (vdk_program_is_privileged(fd))
		return vdk_report_set(report, -EOPNOTSUPP, path,
		                      "is set-user-ID, set-group-ID or has file capabilities: a "
		                      "program that gains privileges is never attached; start vdk "
		                      "as the user that it runs as");
	if (pread(fd, ident, sizeof(ident), 0) == (ssize_t)sizeof(ident) &&
	    !memcmp(ident, ELFMAG, SELFMAG) && ident[EI_CLASS] == ELFCLASS32)
		return vdk_report_set(report, -EOPNOTSUPP, path,
		                      "is a 32-bit program; the image is a 64-bit one");
	return 0;
}

int vdk_program_find(const char *file, char ret_path[PATH_MAX], struct vdk_report *report)
{
	vdk_cleanup_close int fd = -1;
	char path[PATH_MAX];
	int error;

	if (strlen(file) >= PATH_MAX)
		return vdk_report_set(report, -ENAMETOOLONG, file, "cannot run: name too long");
	if (!*file) {
		error = -ENOENT;
	} else if (strchr(file, '/')) {
		strcpy(path, file);
		error = executable(path);
	} else {
		error = search(file, path);
	}
	if (error)
		return vdk_report_set(report, error, file, "cannot run: %s", strerror(-error));
	/* A program may be executable and not readable; then the exec stop will tell. */
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		error = refuse_kind(fd, path, report);
	if (!error)
		strcpy(ret_path, path);
	return error;
}
