/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: any bytes at all are the memory of a program at its exec stop, in which attach
 * looks for the auxiliary vector. The first byte says where its stack begins.
 */
#include <unistd.h>

#include "attach/stack.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t begins[] = {0, 8, 1, 4096, INT64_MAX - 7, UINT64_MAX};
	struct fuzz_piece input = {data, size};
	const uint64_t sp = begins[fuzz_byte(&input) % FUZZ_COUNT(begins)];
	const int memory = fuzz_file(input);
	struct vdk_stack stack;

	/* What is written over later lies in what was read. */
	if (!vdk_stack_read(memory, sp, &stack) && stack.vdso_entry &&
	    (stack.vdso_entry < sp || stack.vdso_entry - sp > input.size))
		abort();
	close(memory);
	return 0;
}
