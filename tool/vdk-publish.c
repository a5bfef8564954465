/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vdk-publish - the publisher, a program of its own: it loads authors' modules, which need a
 * dynamic libc, while `vdk` itself is static. `vdk publish` executes it.
 */
#include <string.h>

#include "commands.h"
#include "vdk.h"

int main(int argc, char **argv)
{
	if (argc > 0 && strcmp(argv[0], "publish") == 0) {
		tool_name_command(argv);
		return cmd_publish(argc, argv);
	}
	tool_error("publish", "this program is a part of `vdk`, which starts it");
	return EXIT_USAGE;
}
