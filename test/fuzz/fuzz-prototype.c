/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: the first line is the name of a function, the rest the header that `vdk bench`
 * reads to find out how to call it.
 */
#include <unistd.h>

#include "bench.h"
#include "fuzz.h"

static void find(const char *header, const char *name, const struct vdk_layout *layout)
{
	struct bench_prototype prototype = {.count = 0};

	if (bench_prototype_find(header, name, layout, &prototype) &&
	    (prototype.count > BENCH_ARGUMENTS_MAX || prototype.text[0] != '('))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct vdk_layout_record record = {.name = "room", .size = 24};
	static const struct vdk_layout layout = {.record_count = 1, .records = &record};
	static const struct bench_image image = {.name = "attached"};
	char *name = fuzz_text((struct fuzz_piece){data, size}), *header;
	char *end = strchr(name, '\n');
	int fd, code;

	fuzz_quiet();
	if (end) {
		*end++ = '\0';
		fd = fuzz_file((struct fuzz_piece){(uint8_t *)end, size - (size_t)(end - name)});
		header = bench_header_read(&image, fuzz_path(fd), &code);
		if (header && *name) {
			find(header, name, NULL);
			find(header, name, &layout);
		}
		free(header);
		close(fd);
	}
	free(name);
	return 0;
}
