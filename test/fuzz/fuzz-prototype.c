/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: the first line is the name of a function, the second one a call of it as an
 * argument of `vdk bench`, the rest the header that tells how to call it. Nothing is called: the
 * image has no such function.
 */
#include <elf.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "fuzz.h"

/* The command keeps the memory of calls until it ends; here that would be never. */
static struct {
	void *at;
	size_t size;
} mapped[64];
static size_t mapped_count;
static bool running;

void *__real_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);

void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	void *const map = __real_mmap64(at, size, protection, flags, fd, offset);

	if (running && map != MAP_FAILED && mapped_count < FUZZ_COUNT(mapped)) {
		mapped[mapped_count].at = map;
		mapped[mapped_count++].size = size;
	}
	return map;
}

static void unmap(void)
{
	while (mapped_count) {
		mapped_count--;
		munmap(mapped[mapped_count].at, mapped[mapped_count].size);
	}
}

static void find(const char *header, const char *name, const struct vdk_layout *layout)
{
	struct bench_prototype prototype = {.count = 0};

	if (bench_prototype_find(header, name, layout, &prototype) &&
	    (prototype.count > BENCH_ARGUMENTS_MAX || prototype.text[0] != '('))
		abort();
}

/* By the way of the command: what is not understood is a usage error or a line of what was skipped. */
static void collect(const char *name, char *word, const char *header)
{
	char symbol_name[300];
	struct vdk_symbol symbol = {.name = symbol_name, .type = STT_FUNC, .section = 1};
	struct vdk_symbols symbols = {.count = 1, .symbols = &symbol};
	struct bench_image image = {.name = "attached", .present = true, .symbols = &symbols};
	struct bench_choice choice = {.words = &word, .count = 1, .header = header};
	struct bench_list list = {.count = 0};

	snprintf(symbol_name, sizeof(symbol_name), "__vdso_%.250s", name);
	if (vdk_lookup_open_self(&image.lookup))
		return;
	if (vdk_lookup_symbol(&image.lookup, symbol_name, NULL))
		return;
	running = true;
	bench_own_collect(&image, &choice, &list);
	choice.count = 0;
	bench_own_collect(&image, &choice, &list);
	running = false;
	unmap();
	if (list.count)
		abort();
	bench_list_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct vdk_layout_record record = {.name = "room", .size = 24};
	static const struct vdk_layout layout = {.record_count = 1, .records = &record};
	static const struct bench_image image = {.name = "attached"};
	char *name = fuzz_text((struct fuzz_piece){data, size}), *header;
	char *word = strchr(name, '\n'), *end = word ? strchr(word + 1, '\n') : NULL;
	int fd, code;

	fuzz_quiet();
	if (end) {
		*end++ = '\0';
		*word++ = '\0';
		fd = fuzz_file((struct fuzz_piece){(uint8_t *)end, size - (size_t)(end - name)});
		header = bench_header_read(&image, fuzz_path(fd), &code);
		if (header && *name) {
			find(header, name, NULL);
			find(header, name, &layout);
		}
		if (*name)
			collect(name, word, fuzz_path(fd));
		free(header);
		close(fd);
	}
	free(name);
	return 0;
}
