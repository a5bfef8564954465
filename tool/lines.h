/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_LINES_H
#define VDK_TOOL_LINES_H

/*
 * Lines from a descriptor that poll(2) says is readable: each is handed on as soon as it is whole,
 * and the last one at the end even without its newline.
 */

#include <stdbool.h>
#include <stddef.h>

/* A page's records as text fit many times over. */
#define LINE_MAX_BYTES (1u << 20)

struct lines {
	char *bytes;
	size_t used;
	unsigned long number; /* of the line that is handed on, from 1 */
	bool skipping;        /* the rest of a line that was too long */
};

/* @text has @length bytes without newline; @text NULL: the line was longer than LINE_MAX_BYTES. */
typedef void lines_handler(void *context, const char *text, size_t length);

/* Read once and hand on. Return: 1 more may come, 0 the end, or a negative errno. */
int lines_read(struct lines *lines, int fd, lines_handler *handler, void *context);
void lines_clear(struct lines *lines);

#endif
