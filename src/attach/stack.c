/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attach/stack.h"

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

/*
 * exec limits arguments and environment, with their pointers, to a quarter of the stack's limit
 * and at most 6 MiB (linux: fs/exec.c, bprm_stack_limits). The walk ends there at the latest.
 */
#define WORDS_MAX ((8u << 20) / 8)
#define CHUNK 512 /* words; one page */

/* The words above the stack pointer one by one, fetched a page at a time. */
struct walk {
	int memory;
	uint64_t next;  /* address of the next word */
	uint64_t taken; /* words so far */
	size_t have, used;
	uint64_t words[CHUNK];
};

static int take(struct walk *walk, uint64_t *ret_word)
{
	if (walk->taken++ >= WORDS_MAX)
		return -EBADMSG;
	if (walk->used == walk->have) {
		const ssize_t size =
		        pread(walk->memory, walk->words, sizeof(walk->words), (off_t)walk->next);

		if (size < 0)
			return -errno;
		if (size < 8)
			return -EBADMSG;
		walk->have = (size_t)size / 8;
		walk->used = 0;
	}
	*ret_word = walk->words[walk->used++];
	walk->next += 8;
	return 0;
}

static int skip_to_null(struct walk *walk)
{
	uint64_t word;
	int error;

	do
		error = take(walk, &word);
	while (!error && word);
	return error;
}

int vdk_stack_read(int memory, uint64_t sp, struct vdk_stack *ret)
{
	struct walk walk = {.memory = memory, .next = sp};
	struct vdk_stack stack = {0};
	uint64_t type = AT_NULL, value = 0;
	int error = take(&walk, &value); /* argc; the NULL behind argv tells the same */

	if (!error)
		error = skip_to_null(&walk);
	if (!error)
		error = skip_to_null(&walk);
	while (!error) {
		const uint64_t address = walk.next;

		error = take(&walk, &type);
		if (error || type == AT_NULL)
			break;
		error = take(&walk, &value);
		if (error)
			break;
		if (type == AT_SYSINFO_EHDR) {
			stack.vdso_entry = address;
			stack.vdso = value;
		} else if (type == AT_SECURE) {
			stack.secure = value != 0;
		} else if (type == AT_PAGESZ) {
			stack.page = value;
		}
	}
	if (!error)
		*ret = stack;
	return error;
}
