/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BASE_VIEW_H
#define VDK_BASE_VIEW_H

/*
 * A bounded view of bytes that somebody else wrote. The checker and the inspector read images
 * through these functions alone: they take an offset and a size of any value and either copy the
 * whole of it or say no. Copying also spares every reader the question of alignment.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct view {
	const uint8_t *bytes;
	uint64_t size;
};

/* The subtraction cannot wrap, which an addition of two hostile numbers could. */
static inline bool view_has(const struct view *view, uint64_t offset, uint64_t size)
{
	return offset <= view->size && size <= view->size - offset;
}

/* What is not there reads as zeros, for those who made sure before that it is there. */
static inline bool view_read(const struct view *view, uint64_t offset, void *ret, uint64_t size)
{
	if (!view_has(view, offset, size)) {
		memset(ret, 0, size);
		return false;
	}
	memcpy(ret, view->bytes + offset, size);
	return true;
}

/* A string that ends inside the view; NULL where it does not. */
static inline const char *view_string(const struct view *view, uint64_t offset)
{
	if (offset >= view->size || !memchr(view->bytes + offset, 0, view->size - offset))
		return NULL;
	return (const char *)view->bytes + offset;
}

/* A part of a view, cut to what is there. */
static inline struct view view_part(const struct view *view, uint64_t offset, uint64_t size)
{
	const uint64_t start = offset < view->size ? offset : view->size;
	const uint64_t left = view->size - start;

	return (struct view){ view->bytes + start, size < left ? size : left };
}

#endif
