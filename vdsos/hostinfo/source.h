/* SPDX-License-Identifier: MIT */
#ifndef HOSTINFO_SOURCE_H
#define HOSTINFO_SOURCE_H

/*
 * Files that are read again and again. Opening one costs several times what reading it does, so
 * they stay open: the kernel makes the text anew for each read from the start. A file that could
 * not be opened or read is tried again when source_open() comes by the next time.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

/* Longer texts are cut after the last whole line. What is looked for stands in the first lines. */
#define SOURCE_SIZE 8192

struct source {
	int fd;    /* -1: not open */
	int error; /* why not, a negative errno */
};

#define SOURCE_CLOSED {-1, -ENOENT}

/* Another root of all files, for tests; a program that runs with others' rights ignores it. */
static inline const char *source_root(void)
{
	const char *root = secure_getenv("VDK_HOSTINFO_ROOT");

	return root ? root : "";
}

static inline void source_close(struct source *source, int error)
{
	if (source->fd >= 0)
		close(source->fd);
	source->fd = -1;
	source->error = error;
}

/*
 * Open a file below a directory, unless it is open. No link is followed, and nothing but a regular
 * file is read: another one could make us wait.
 */
static inline void source_open(struct source *source, int directory, const char *path)
{
	struct stat status;

	if (source->fd >= 0)
		return;
	source->fd = openat(directory, path,
	                    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (source->fd < 0)
		source->error = -errno;
	else if (fstat(source->fd, &status) < 0)
		source_close(source, -errno);
	else if (!S_ISREG(status.st_mode))
		source_close(source, -EINVAL);
}

/* The same for a file of the system: the path begins with a slash and is below the root. */
static inline void source_open_system(struct source *source, const char *path)
{
	char whole[4096];

	if (source->fd >= 0)
		return;
	if ((size_t)snprintf(whole, sizeof(whole), "%s%s", source_root(), path) < sizeof(whole))
		source_open(source, AT_FDCWD, whole);
	else
		source_close(source, -ENAMETOOLONG);
}

/* At most size bytes of the text from its start; empty after a failure. */
static inline struct text source_read_into(struct source *source, char *buffer, size_t size,
                                           size_t enough)
{
	size_t length = 0;

	while (source->fd >= 0 && length < size) {
		const ssize_t count = pread(source->fd, buffer + length, size - length,
		                            (off_t)length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			source_close(source, -errno);
		if (count <= 0)
			break;
		length += (size_t)count;
		if (length < enough && buffer[length - 1] == '\n')
			break;
	}
	return (struct text){buffer, buffer + (source->fd >= 0 ? length : 0)};
}

/*
 * The text, until the next call. What the kernel makes of one piece comes whole if it is less
 * than a page, so the read that would only find its end is spared.
 */
static inline struct text source_read(struct source *source)
{
	static char buffer[SOURCE_SIZE];

	return source_read_into(source, buffer, sizeof(buffer), 4096);
}

#endif
