/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

static int read_whole(int fd, const char *what, size_t size, char **ret_text,
                      struct vdk_report *report)
{
	vdk_cleanup_free char *text = malloc(size + 1);
	size_t used = 0;
	ssize_t count;

	if (!text)
		return -ENOMEM;
	while (used < size && (count = read(fd, text + used, size - used)) != 0) {
		if (count < 0 && errno != EINTR)
			return vdk_report_set(report, -errno, what, "cannot be read: %m");
		if (count > 0)
			used += count;
	}
	text[used] = '\0';
	if (strlen(text) != used)
		return vdk_report_set(report, -EINVAL, what, "not a text: byte %zu is 0",
		                      strlen(text));
	*ret_text = text;
	text = NULL;
	return 0;
}

int text_read(int dir, const char *path, const char *what, char **ret_text,
              struct vdk_report *report)
{
	vdk_cleanup_close int fd =
	        openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0)
		return vdk_report_set(report, -errno, what, "cannot be opened: %m");
	if (fstat(fd, &status) < 0)
		return vdk_report_set(report, -errno, what, "%m");
	if (!S_ISREG(status.st_mode))
		return vdk_report_set(report, -EINVAL, what, "expected a file, found something else");
	if (status.st_size > TEXT_MAX)
		return vdk_report_set(report, -EFBIG, what, "has %lld bytes; expected at most %u",
		                      (long long)status.st_size, TEXT_MAX);
	return read_whole(fd, what, status.st_size, ret_text, report);
}

const char *text_line(const char **text, size_t *ret_length)
{
	const char *line = *text, *end;

	if (!*line)
		return NULL;
	end = strchrnul(line, '\n');
	*ret_length = end - line;
	*text = *end ? end + 1 : end;
	return line;
}
