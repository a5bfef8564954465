/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: the first line is the name of a function, the rest the header that `vdk bench`
 * reads to find out how to call it.
 */
#include "bench.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bench_prototype prototype = {.count = 0};
	char *name = fuzz_text((struct fuzz_piece){data, size});
	char *header = strchr(name, '\n');

	if (header) {
		*header++ = '\0';
		if (*name && bench_prototype_find(header, name, NULL, &prototype) &&
		    (prototype.count > BENCH_ARGUMENTS_MAX || prototype.text[0] != '('))
			abort();
	}
	free(name);
	return 0;
}
