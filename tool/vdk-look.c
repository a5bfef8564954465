/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vdk-look - the commands that look into processes and images
 *
 * Executed by `vdk` in its own place, with the command's name as argv[0].
 */
#include <string.h>

#include "commands.h"
#include "look.h"
#include "vdk.h"

int main(int argc, char **argv)
{
	static const struct command commands[] = {
	        {"maps", NULL, cmd_maps},
	        {"auxv", NULL, cmd_auxv},
	        {"dump", NULL, cmd_dump},
	        {"perf-map", NULL, cmd_perf_map},
	        {"symbols", NULL, cmd_symbols},
	        {"diff", NULL, cmd_diff},
	        {"vsyscall", NULL, cmd_vsyscall},
	        {"entropy", NULL, cmd_entropy},
	        {"doctor", NULL, cmd_doctor},
	};

	for (size_t i = 0; argc > 0 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[0], commands[i].name)) {
			tool_name_command(argv);
			return look_apart(commands[i].main, argc, argv);
		}
	tool_error("look", "this program is a part of `vdk`, which starts it");
	return EXIT_USAGE;
}
