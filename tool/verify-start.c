/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verify-start.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <vdk/publish.h>

#include "base/cleanup.h"
#include "publish/io.h"
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
	vdk_cleanup_close int fd = -1;
	int error = vdk_open_at(AT_FDCWD, path, O_RDONLY, &fd);

	if (error)
		return vdk_report_set(report, error, path, "%s", vdk_open_problem(error));
	error = vdk_trust(fd, S_IFREG, path, NULL, report);
	return error ? error : vdk_steal_fd(&fd);
}
