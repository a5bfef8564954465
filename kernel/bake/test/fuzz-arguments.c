/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libFuzzer target: any command line of `vdk bake`, as command.h has them. */
#include "../cmd-bake.h"
#include "command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_command(cmd_bake, "bake", (struct fuzz_piece){data, size});
	return 0;
}
