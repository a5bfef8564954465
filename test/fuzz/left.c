/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "left.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/*
 * A set of pointers: open addressing. What does not fit is not written down, so that a command that
 * takes a hundred thousand pieces leaks instead.
 */
#define PLACES (1u << 16)

/* Mappings that a command has at a time; more would be lost. */
#define MAPPED 16

static struct {
	void *memory[PLACES];
	uint32_t used[PLACES]; /* the places that were ever taken, to be emptied without a search */
	uint32_t used_count;
	struct {
		void *start;
		size_t size;
	} mapped[MAPPED];
	DIR *folder;
	bool on;
} left;

static char gone; /* in a place whose pointer was given back */

static uint32_t place_of(const void *memory)
{
	return (uint32_t)(((uintptr_t)memory >> 4) * 2654435761u) % PLACES;
}

static void *take(void *memory)
{
	uint32_t at = place_of(memory);

	if (!left.on || !memory || left.used_count > PLACES / 2)
		return memory;
	while (left.memory[at] && left.memory[at] != &gone)
		at = (at + 1) % PLACES;
	if (!left.memory[at])
		left.used[left.used_count++] = at;
	left.memory[at] = memory;
	return memory;
}

static void give_back(const void *memory)
{
	if (!left.on || !memory)
		return;
	for (uint32_t at = place_of(memory); left.memory[at]; at = (at + 1) % PLACES)
		if (left.memory[at] == memory) {
			left.memory[at] = &gone;
			return;
		}
}

/* ---- The wrapped functions ------------------------------------------------------------------- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_reallocarray(void *memory, size_t count, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
char *__real_realpath(const char *path, char *to);
int __real_vasprintf(char **to, const char *format, va_list more);
void __real_free(void *memory);
DIR *__real_opendir(const char *path);
DIR *__real_fdopendir(int fd);
int __real_closedir(DIR *folder);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);
char *__wrap_realpath(const char *path, char *to);
int __wrap_vasprintf(char **to, const char *format, va_list more);
int __wrap_asprintf(char **to, const char *format, ...);
void __wrap_free(void *memory);
DIR *__wrap_opendir(const char *path);
DIR *__wrap_fdopendir(int fd);
int __wrap_closedir(DIR *folder);

void *__wrap_malloc(size_t size)
{
	return take(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
	return take(__real_calloc(count, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
	void *grown = __real_realloc(memory, size);

	if (grown)
		give_back(memory);
	return take(grown);
}

void *__wrap_reallocarray(void *memory, size_t count, size_t size)
{
	void *grown = __real_reallocarray(memory, count, size);

	if (grown)
		give_back(memory);
	return take(grown);
}

char *__wrap_strdup(const char *text)
{
	return take(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t size)
{
	return take(__real_strndup(text, size));
}

char *__wrap_realpath(const char *path, char *to)
{
	char *real = __real_realpath(path, to);

	return to ? real : take(real);
}

int __wrap_vasprintf(char **to, const char *format, va_list more)
{
	const int length = __real_vasprintf(to, format, more);

	if (length >= 0)
		take(*to);
	return length;
}

int __wrap_asprintf(char **to, const char *format, ...)
{
	va_list more;
	int length;

	va_start(more, format);
	length = __wrap_vasprintf(to, format, more);
	va_end(more);
	return length;
}

void __wrap_free(void *memory)
{
	give_back(memory);
	__real_free(memory);
}

/* Commands have one folder open at a time, or few: the last one is the one that is lost. */
DIR *__wrap_opendir(const char *path)
{
	/* What runs on the machine is something else each time. */
	DIR *folder = __real_opendir(left.on && !strcmp(path, "/proc") ? "/proc/self/fd" : path);

	if (left.on)
		left.folder = folder;
	return folder;
}

DIR *__wrap_fdopendir(int fd)
{
	DIR *folder = __real_fdopendir(fd);

	if (left.on)
		left.folder = folder;
	return folder;
}

int __wrap_closedir(DIR *folder)
{
	if (folder == left.folder)
		left.folder = NULL;
	return __real_closedir(folder);
}

void *__real_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
int __real_munmap(void *start, size_t size);
int __wrap_munmap(void *start, size_t size);

void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	void *start = __real_mmap64(at, size, protection, flags, fd, offset);

	for (size_t i = 0; left.on && start != MAP_FAILED && i < MAPPED; i++)
		if (!left.mapped[i].size) {
			left.mapped[i].start = start;
			left.mapped[i].size = size;
			break;
		}
	return start;
}

int __wrap_munmap(void *start, size_t size)
{
	for (size_t i = 0; left.on && i < MAPPED; i++)
		if (left.mapped[i].start == start)
			left.mapped[i].size = 0;
	return __real_munmap(start, size);
}

/* ---- From jump to jump ----------------------------------------------------------------------- */

void left_begin(void)
{
	left.on = true;
}

void left_end(void)
{
	left.on = false;
	if (left.folder)
		__real_closedir(left.folder);
	left.folder = NULL;
	for (size_t i = 0; i < MAPPED; i++)
		if (left.mapped[i].size) {
			__real_munmap(left.mapped[i].start, left.mapped[i].size);
			left.mapped[i].size = 0;
		}
	for (uint32_t i = 0; i < left.used_count; i++) {
		void **const at = &left.memory[left.used[i]];

		if (*at != &gone)
			__real_free(*at);
		*at = NULL;
	}
	left.used_count = 0;
}
