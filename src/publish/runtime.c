/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where publications lie, and what they may be called. */
#include <vdk/publish.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "publish/io.h"
#include "publish/runtime.h"

int vdk_publication_name_check(const char *name, struct vdk_report *report)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                              "0123456789_.-";
	const size_t length = strlen(name);
	const size_t good = strspn(name, allowed);

	if (length == 0 || length > VDK_PUBLICATION_NAME_MAX)
		return vdk_report_set(report, -EINVAL, name,
		                      "name of a publication: expected 1 to %d bytes, found %zu",
		                      VDK_PUBLICATION_NAME_MAX, length);
	if (good != length || name[0] == '.' || name[0] == '-')
		return vdk_report_set(report, -EINVAL, name,
		                      "name of a publication: expected A-Z a-z 0-9 _ . - with "
		                      "neither . nor - in front, found byte %#04x at %zu",
		                      (unsigned char)name[good != length ? good : 0],
		                      good != length ? good : 0);
	return 0;
}

int vdk_runtime_dir(char *path, size_t size)
{
	const char *own = secure_getenv("VDK_RUNTIME_DIR");
	const char *session = secure_getenv("XDG_RUNTIME_DIR");
	int length;

	if (own && *own)
		length = snprintf(path, size, "%s", own);
	else if (geteuid() == 0)
		length = snprintf(path, size, "%s", VDK_RUNTIME_DIR_SYSTEM);
	else if (session && *session)
		length = snprintf(path, size, "%s/vdk", session);
	else
		return -ENOENT;
	return length < 0 || (size_t)length >= size ? -ENAMETOOLONG : 0;
}

static int too_long(size_t size, struct vdk_report *report)
{
	return vdk_report_set(report, -ENAMETOOLONG, "runtime directory",
	                      "its path is longer than %zu bytes", size - 1);
}

int vdk_runtime_dir_own(char *path, size_t size, struct vdk_report *report)
{
	const int error = vdk_runtime_dir(path, size);

	if (error == -ENAMETOOLONG)
		return too_long(size, report);
	return error == 0;
}

int vdk_runtime_open(const char *path, int *ret_fd, struct vdk_report *report)
{
	vdk_cleanup_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int error;

	if (fd < 0) {
		error = -errno;
		return vdk_report_set(report, error, path, "runtime directory: %s",
		                      strerror(-error));
	}
	error = vdk_trust(fd, S_IFDIR, path, NULL, report);
	if (error)
		return error;
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}

int vdk_runtime_dir_open(bool create, int *ret_fd, struct vdk_report *report)
{
	vdk_cleanup_close int fd = -1;
	char path[VDK_PATH_MAX];
	int error = vdk_runtime_dir(path, sizeof(path));
	bool made;

	if (error == -ENOENT)
		return vdk_report_set(report, error, "runtime directory",
		                      "set XDG_RUNTIME_DIR or VDK_RUNTIME_DIR: neither is set, "
		                      "and only uid 0 uses " VDK_RUNTIME_DIR_SYSTEM);
	if (error)
		return too_long(sizeof(path), report);
	made = create && mkdir(path, 0755) == 0;
	if (create && !made && errno != EEXIST) {
		error = -errno;
		return vdk_report_set(report, error, path, "cannot make the runtime directory: %s",
		                      strerror(-error));
	}
	error = vdk_runtime_open(path, &fd, report);
	if (error)
		return error;
	/* The umask may have taken bits that readers need. */
	if (made && fchmod(fd, 0755) < 0) {
		error = -errno;
		return vdk_report_set(report, error, path, "%s", strerror(-error));
	}
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}
