/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <vdk/publish.h>

#include "base/cleanup.h"

int reader_open(const char *name, struct vdk_page **ret_page, struct vdk_report *report)
{
	struct vdk_publication publication = VDK_PUBLICATION_CLOSED;
	int error = vdk_publication_open(name, &publication, report);

	if (error)
		return error;
	if (publication.page_fd < 0)
		error = vdk_report_set(report, -ENODATA, name, "the image has no records");
	else
		error = vdk_page_open(publication.page_fd, 0, name, ret_page, report);
	vdk_publication_close(&publication);
	return error;
}

int reader_open_file(const char *path, struct vdk_page **ret_page, struct vdk_report *report)
{
	/* O_NONBLOCK: a FIFO is refused, not waited for. */
	vdk_cleanup_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0) {
		const int error = errno;

		return vdk_report_set(report, -error, path, "%s", strerror(error));
	}
	return vdk_page_open(fd, 0, path, ret_page, report);
}
