/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vdk-bench - the command that measures
 *
 * A program of its own: it calls functions of images that somebody else wrote, and it is executed
 * anew under `vdk run`, whatever its argv[0] is then.
 */
#include "commands.h"
#include "vdk.h"

int main(int argc, char **argv)
{
	char name[] = "bench", *first = name;

	if (argc < 1)
		return EXIT_USAGE;
	argv[0] = first;
	tool_name_command(argv);
	return cmd_bench(argc, argv);
}
