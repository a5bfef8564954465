/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded: the allocation with the number FAIL_ALLOC fails, and with FAIL_ALLOC_ALL all after it. With
 * FAIL_ALLOC_TOLD=FILE it makes that file when it did.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static long left = -1;
static int all, initialised;

static int fails(void)
{
	const char *number, *told;

	if (!initialised) {
		initialised = 1;
		number = getenv("FAIL_ALLOC");
		left = number ? atol(number) : 0;
		all = getenv("FAIL_ALLOC_ALL") != NULL;
	}
	if (left <= 0 && !(left < 0 && all))
		return 0;
	if (left > 0 && --left > 0)
		return 0;
	left = all ? -1 : 0;
	told = getenv("FAIL_ALLOC_TOLD");
	if (told)
		close(open(told, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}
