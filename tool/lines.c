/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void hand_on(struct lines *lines, const char *text, size_t length, lines_handler *handler,
                    void *context)
{
	lines->number++;
	handler(context, lines->skipping ? NULL : text, length);
	lines->skipping = false;
}

static void cut(struct lines *lines, lines_handler *handler, void *context)
{
	const char *at = lines->bytes, *end = lines->bytes + lines->used, *newline;

	while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
		hand_on(lines, at, (size_t)(newline - at), handler, context);
		at = newline + 1;
	}
	lines->used = (size_t)(end - at);
	memmove(lines->bytes, at, lines->used);
	if (lines->used == LINE_MAX_BYTES) {
		lines->skipping = true;
		lines->used = 0;
	}
}

int lines_read(struct lines *lines, int fd, lines_handler *handler, void *context)
{
	ssize_t got;

	if (!lines->bytes)
		lines->bytes = malloc(LINE_MAX_BYTES);
	if (!lines->bytes)
		return -ENOMEM;
	got = read(fd, lines->bytes + lines->used, LINE_MAX_BYTES - lines->used);
	if (got < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : -errno;
	lines->used += (size_t)got;
	cut(lines, handler, context);
	if (got > 0)
		return 1;
	if (lines->used || lines->skipping)
		hand_on(lines, lines->bytes, lines->used, handler, context);
	lines->used = 0;
	return 0;
}

void lines_clear(struct lines *lines)
{
	free(lines->bytes);
	*lines = (struct lines){0};
}
