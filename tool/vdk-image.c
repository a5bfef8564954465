/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vdk-image - the part of the kit that needs ELF, DWARF and disassembly libraries
 *
 * Executed by `vdk` in its own place, with the command's name as argv[0].
 */
#include <string.h>

#include "commands.h"
#include "vdk.h"

int main(int argc, char **argv)
{
	static const struct command commands[] = {
	        {"build", NULL, cmd_build},
	        {"check", NULL, cmd_check},
	        {"flags", NULL, cmd_flags},
	};

	for (size_t i = 0; argc > 0 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[0], commands[i].name)) {
			tool_name_command(argv);
			return commands[i].main(argc, argv);
		}
	tool_error("image", "this program is a part of `vdk`, which starts it");
	return EXIT_USAGE;
}
