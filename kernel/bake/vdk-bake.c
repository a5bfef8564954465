/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk-bake - the part of the kit that changes kernel trees; executed by `vdk` in its own place. */
#include <string.h>

#include "../../tool/vdk.h"
#include "cmd-bake.h"

int main(int argc, char **argv)
{
	if (argc > 0 && !strcmp(argv[0], "bake")) {
		tool_name_command(argv);
		return cmd_bake(argc, argv);
	}
	tool_error("bake", "this program is a part of `vdk`, which starts it");
	return EXIT_USAGE;
}
