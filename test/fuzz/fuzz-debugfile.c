/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: any bytes at all are an image and its debug file, both in one, of which
 * `vdk perf-map` wants the functions' names. They go into a file of lines and words.
 */
#include <unistd.h>

#include "fuzz.h"
#include "perf-symbols.h"

static void hold(const struct perf_symbols *symbols, size_t size)
{
	for (size_t i = 0; i < symbols->count; i++) {
		const struct perf_symbol *symbol = &symbols->symbols[i];

		if (symbol->offset >= size || symbol->size > size - symbol->offset ||
		    strpbrk(symbol->name, " \t\n\r") ||
		    (i && symbol->offset <= symbol[-1].offset))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct vdk_bytes image = {.bytes = (uint8_t *)(uintptr_t)data, .size = size};
	const int fd = fuzz_file((struct fuzz_piece){data, size});
	struct perf_symbols symbols = {0};
	struct vdk_report report;
	struct vdk_bytes copy;

	if (!vdk_file_image(fuzz_path(fd), &copy, &report)) {
		if (copy.size != size)
			abort();
		free(copy.bytes);
	}
	perf_symbols_exported(&image, "fuzz", &symbols, &report);
	hold(&symbols, size);
	perf_symbols_free(&symbols);
	perf_symbols_debug(fuzz_path(fd), &image, &symbols, &report);
	hold(&symbols, size);
	perf_symbols_free(&symbols);
	close(fd);
	return 0;
}
