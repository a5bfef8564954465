/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk flags --script DIR: the half of `vdk flags` that has to look into objects and headers. */
#include <getopt.h>
#include <stdlib.h>

#include <vdk/image.h>

#include "build/list.h"
#include "commands.h"
#include "kit.h"
#include "vdk.h"

enum { OPTION_SCRIPT = 256, OPTION_PAGE, OPTION_NAME, OPTION_CC };

static const struct option options[] = {{"script", required_argument, NULL, OPTION_SCRIPT},
                                        {"page", required_argument, NULL, OPTION_PAGE},
                                        {"name", required_argument, NULL, OPTION_NAME},
                                        {"cc", required_argument, NULL, OPTION_CC},
                                        {0}};

int cmd_script(int argc, char **argv)
{
	cleanup_list struct list pages = {0};
	struct vdk_build_options build = {.size = sizeof(build)};
	struct vdk_report report = {0};
	struct kit kit;
	int option, code, error;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == OPTION_SCRIPT)
			build.script_dir = optarg;
		else if (option == OPTION_NAME)
			build.name = optarg;
		else if (option == OPTION_CC)
			build.cc = optarg;
		else if (option != OPTION_PAGE)
			return EXIT_USAGE;
		else if (list_add(&pages, "%s", optarg))
			return EXIT_SYSTEM;
	}
	if (!build.script_dir || optind == argc) {
		tool_error("flags", "--script DIR needs the objects that will be linked");
		return EXIT_USAGE;
	}
	code = kit_find("flags", &kit);
	if (code)
		return code;
	build.inputs = (const char *const *)argv + optind;
	build.pages = (const char *const *)pages.items;
	build.include_dir = kit.include_dir;
	build.sdk_dir = kit.sdk_dir;
	error = vdk_build(&build, &report);
	if (error)
		tool_complain("flags", &report);
	return kit_exit_code(error);
}
