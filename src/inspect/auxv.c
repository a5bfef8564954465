/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The auxiliary vector, twice. The kernel keeps a copy of what it told the program
 * (/proc/PID/auxv); the program goes by the one on its stack. Only the latter can have been
 * changed, as attach does, so both are needed to say what a program was told.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspect/process.h"

/* Arguments and environment lie before the vector: at most a quarter of the stack's limit. */
#define SCAN_MAX (UINT64_C(16) << 20)
#define CHUNK 65536

/* 8, or 4 for a 32-bit program: its vectors have words of that size. */
static unsigned int word_size(const struct vdk_process *process)
{
	vdk_cleanup_close int fd = openat(process->dir_fd, "exe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	unsigned char ident[EI_NIDENT];

	if (fd < 0 || pread(fd, ident, sizeof(ident), 0) != sizeof(ident))
		return 8;
	return ident[EI_CLASS] == ELFCLASS32 ? 4 : 8;
}

static uint64_t word_at(const uint8_t *bytes, unsigned int word)
{
	uint64_t wide;
	uint32_t narrow;

	if (word == 8) {
		memcpy(&wide, bytes, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, bytes, sizeof(narrow));
	return narrow;
}

static struct vdk_auxv_entry entry_at(const uint8_t *bytes, unsigned int word)
{
	return (struct vdk_auxv_entry){word_at(bytes, word), word_at(bytes + word, word)};
}

static int read_saved(const struct vdk_process *process, struct vdk_auxv *auxv,
                      struct vdk_report *report)
{
	const size_t pair = 2 * auxv->word;
	vdk_cleanup_free char *text = NULL;
	size_t size;
	int error = vdk_process_file(process, "auxv", 65536, &text, &size);

	if (error)
		return vdk_report_set(report, error, process->object,
		                      error == -EACCES || error == -EPERM
		                              ? "its auxiliary vector is not ours to see: %s"
		                              : "cannot read its auxiliary vector: %s",
		                      strerror(-error));
	if (size == 0)
		return vdk_report_set(report, -ESRCH, process->object,
		                      "has no auxiliary vector: it is ending, a zombie, or a kernel "
		                      "thread");
	for (size_t at = 0; size - at >= pair; at += pair) {
		const struct vdk_auxv_entry entry = entry_at((const uint8_t *)text + at, auxv->word);

		if (entry.type == AT_NULL)
			return 0;
		if (auxv->saved_count == VDK_AUXV_MAX)
			break;
		auxv->saved[auxv->saved_count++] = entry;
	}
	return vdk_report_set(report, -EBADMSG, process->object,
	                      "expected an auxiliary vector of at most %u entries that ends with "
	                      "AT_NULL, found none", VDK_AUXV_MAX);
}

/* Field 28 of stat: where the initial stack began. 0 where we may not know. */
static uint64_t start_stack(const struct vdk_process *process)
{
	vdk_cleanup_free char *text = NULL;
	const char *at;
	size_t size;

	if (vdk_process_file(process, "stat", 65536, &text, &size))
		return 0;
	/* The second field is a name in parentheses that may hold anything, so begin behind it. */
	at = strrchr(text, ')');
	for (int field = 2; at && field < 28; field++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return at ? strtoull(at, NULL, 10) : 0;
}

/* Are these the saved pairs? Types agree, but any may be AT_IGNORE now; most values agree. */
static bool matches(const struct vdk_auxv *auxv, const uint8_t *bytes)
{
	size_t equal = 0;

	for (size_t i = 0; i < auxv->saved_count; i++) {
		const struct vdk_auxv_entry entry = entry_at(bytes + i * 2 * auxv->word, auxv->word);

		if (entry.type != auxv->saved[i].type && entry.type != AT_IGNORE)
			return false;
		equal += entry.value == auxv->saved[i].value;
	}
	return word_at(bytes + auxv->saved_count * 2 * auxv->word, auxv->word) == AT_NULL &&
	       2 * equal > auxv->saved_count;
}

static void take_own(struct vdk_auxv *auxv, const uint8_t *bytes, uint64_t address)
{
	for (size_t i = 0; i < auxv->saved_count; i++)
		auxv->own[i] = entry_at(bytes + i * 2 * auxv->word, auxv->word);
	auxv->own_count = auxv->saved_count;
	auxv->own_address = address;
}

/* In chunks that overlap by a vector's size, so that none is missed at a border. */
static int scan(const struct vdk_process *process, struct vdk_auxv *auxv, uint64_t from,
                uint64_t end)
{
	const size_t need = (auxv->saved_count + 1) * 2 * auxv->word;
	vdk_cleanup_free uint8_t *bytes = malloc(CHUNK + need);

	if (!bytes)
		return -ENOMEM;
	for (uint64_t at = from; at < end && end - at >= need; at += CHUNK) {
		const size_t size = end - at < CHUNK + need ? (size_t)(end - at) : CHUNK + need;
		const int error = vdk_process_read(process, at, bytes, size);

		if (error)
			return error;
		for (size_t i = 0; i < CHUNK && i + need <= size; i += auxv->word)
			if (matches(auxv, bytes + i)) {
				take_own(auxv, bytes + i, at + i);
				return 0;
			}
	}
	return -ENOENT;
}

static int find_own(const struct vdk_process *process, const struct vdk_maps *maps,
                    struct vdk_auxv *auxv)
{
	uint64_t start = start_stack(process), from;
	const struct vdk_map *stack = start ? vdk_maps_find(maps, start) : NULL;

	for (size_t i = 0; !stack && i < maps->count; i++)
		if (maps->maps[i].kind == VDK_MAP_STACK)
			stack = &maps->maps[i];
	if (!stack)
		return -ENOENT;
	from = start > stack->start && start < stack->end ? start & ~UINT64_C(7) : stack->start;
	if (stack->end - from > SCAN_MAX)
		from = stack->end - SCAN_MAX;
	return scan(process, auxv, from, stack->end);
}

int vdk_auxv_read(const struct vdk_process *process, const struct vdk_maps *maps,
                  struct vdk_auxv *ret_auxv, struct vdk_report *report)
{
	struct vdk_auxv auxv = {.word = word_size(process)};
	const int error = read_saved(process, &auxv, report);

	if (error)
		return error;
	auxv.own_error = find_own(process, maps, &auxv);
	*ret_auxv = auxv;
	return 0;
}

bool vdk_auxv_find(const struct vdk_auxv_entry *entries, size_t count, uint64_t type,
                   uint64_t *ret_value)
{
	for (size_t i = 0; i < count; i++)
		if (entries[i].type == type) {
			*ret_value = entries[i].value;
			return true;
		}
	return false;
}
