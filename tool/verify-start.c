/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verify-start.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vdk/publish.h>

#include "base/cleanup.h"
#include "vdk.h"

int verify_again(const char *vdso, const char *reference, struct verify_again *ret)
{
	const ssize_t length = readlink("/proc/self/exe", ret->self, sizeof(ret->self) - 1);

	if (length < 0)
		return -errno;
	ret->self[length] = '\0';
	if (vdso) {
		const int error = tool_find("bin", "vdk", ret->vdk, sizeof(ret->vdk));

		if (error)
			return error;
		ret->argv[ret->count++] = ret->vdk;
		ret->argv[ret->count++] = "run";
		ret->argv[ret->count++] = "--once";
		ret->argv[ret->count++] = "--vdso";
		ret->argv[ret->count++] = vdso;
		ret->argv[ret->count++] = "--";
	}
	ret->argv[ret->count++] = ret->self;
	ret->argv[ret->count++] = VERIFY_ATTACHED;
	if (vdso) {
		ret->argv[ret->count++] = "--vdso";
		ret->argv[ret->count++] = vdso;
	}
	if (reference) {
		ret->argv[ret->count++] = "--reference";
		ret->argv[ret->count++] = reference;
	}
	ret->argv[ret->count] = NULL;
	return 0;
}

bool verify_find_reference(const char *vdso, char *path, size_t size)
{
	struct vdk_publication publication = VDK_PUBLICATION_CLOSED;
	const size_t length = strlen(vdso);
	const bool tail = length > 3 && !strcmp(vdso + length - 3, ".so");
	char file[64];
	bool found;

	if (strchr(vdso, '/'))
		return snprintf(path, size, "%.*s.reference.so", (int)(tail ? length - 3 : length),
		                vdso) < (int)size &&
		       access(path, F_OK) == 0;
	if (vdk_publication_open(vdso, &publication, NULL))
		return false;
	snprintf(file, sizeof(file), "%.32s.reference.so", publication.note.image.name);
	found = tool_find("vdso", file, path, size) == 0;
	vdk_publication_close(&publication);
	return found;
}

int verify_open_reference(const char *path, struct vdk_report *report)
{
	vdk_cleanup_close int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status))
		return vdk_report_set(report, -errno, path, "%s", strerror(errno));
	if (!S_ISREG(status.st_mode) || (status.st_uid && status.st_uid != geteuid()) ||
	    status.st_mode & (S_IWGRP | S_IWOTH))
		return vdk_report_set(report, -EPERM, path,
		                      "not to be trusted: expected a file of root's or one's own that "
		                      "nobody else may write");
	return vdk_steal_fd(&fd);
}
