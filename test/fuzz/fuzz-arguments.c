/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: any command line, as command.h has them. The first byte chooses the command.
 * Those of kernel/ have targets of their own there.
 */
#include "command.h"
#include "commands.h"

static const struct {
	const char *name;
	fuzz_main *main;
} commands[] = {
	{"auxv", cmd_auxv},	{"bench", cmd_bench},	{"build", cmd_build},
	{"check", cmd_check},	{"diff", cmd_diff},	{"doctor", cmd_doctor},
	{"dump", cmd_dump},	{"entropy", cmd_entropy}, {"faketime", cmd_faketime},
	{"flags", cmd_flags},	{"get", cmd_get},	{"ls", cmd_ls},
	{"maps", cmd_maps},	{"perf-map", cmd_perf_map}, {"publish", cmd_publish},
	{"run", cmd_run},	{"script", cmd_script},	{"set", cmd_set},
	{"symbols", cmd_symbols}, {"unpublish", cmd_unpublish}, {"verify", cmd_verify},
	{"vsyscall", cmd_vsyscall}, {"watch", cmd_watch},
	{"verify", cmd_verify_attached},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_piece input = {data, size};
	const size_t which = fuzz_byte(&input) % FUZZ_COUNT(commands);

	fuzz_command(commands[which].main, commands[which].name, input);
	return 0;
}
