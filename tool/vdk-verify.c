/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vdk-verify - hold the functions of a vDSO to what their callers rely on
 *
 * Executed by `vdk` in its own place, with the command's name as argv[0]; and by itself, under
 * `vdk run`, so that what it verifies is the vDSO it has: then argv[0] is a path and the word
 * VERIFY_ATTACHED follows.
 */
#include <string.h>

#include "commands.h"
#include "vdk.h"
#include "verify-start.h"

int main(int argc, char **argv)
{
	static char name[] = "verify";

	if (argc > 1 && strchr(argv[0], '/') && !strcmp(argv[1], VERIFY_ATTACHED)) {
		argv[1] = name;
		tool_name_command(argv + 1);
		return cmd_verify_attached(argc - 1, argv + 1);
	}
	if (argc > 0 && !strcmp(argv[0], "verify")) {
		tool_name_command(argv);
		return cmd_verify(argc, argv);
	}
	tool_error("verify", "this program is a part of `vdk`, which starts it");
	return EXIT_USAGE;
}
