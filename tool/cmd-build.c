/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk build: from an author's source to a checked image. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/image.h>

#include "build/list.h"
#include "commands.h"
#include "kit.h"
#include "vdk.h"

static const char help[] =
        "usage: vdk build [OPTION...] INPUT... -o IMG\n"
        "\n"
        "Compile and link a vDSO's source into the image IMG, and check it. INPUT is a folder\n"
        "(its *.vdso.c, *.page.h, *.update.c and *.reference.c), a .c, .page.h or .o file;\n"
        "several make one image. Beside IMG, for instance out/notb.so, stand afterwards\n"
        "out/libnotb.so (to link programs with), out/notb.h (to include) and, where there is an\n"
        "update hook or a reference, out/notb.update.so and out/notb.reference.so. An image that\n"
        "breaks a rule of `vdk check` is not written.\n"
        "\n"
        "  -o, --output IMG     the image to write; required\n"
        "      --name NAME      the vDSO's name; default: IMG without folder and .so\n"
        "      --page FILE      one more page header\n"
        "      --cc COMMAND     the compiler, gcc or clang; default: $CC, or else cc\n"
        "      --ld LINKER      bfd or lld; default: the compiler's own\n"
        "      --cflag FLAG     one more flag for the compiler; may be given again\n"
        "      --debug-file F   write symbols and debug information to F, with the same build-id\n"
        "      --keep DIR       work in DIR and leave every intermediate file there\n"
        "  -h, --help\n"
        "\n"
        "exit status: 0 built; 1 the image broke a rule; 2 wrong arguments or source; 3 the\n"
        "system failed.\n";

enum {
	OPTION_NAME = 256,
	OPTION_PAGE,
	OPTION_CC,
	OPTION_LD,
	OPTION_CFLAG,
	OPTION_DEBUG,
	OPTION_KEEP
};

static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                        {"name", required_argument, NULL, OPTION_NAME},
                                        {"page", required_argument, NULL, OPTION_PAGE},
                                        {"cc", required_argument, NULL, OPTION_CC},
                                        {"ld", required_argument, NULL, OPTION_LD},
                                        {"cflag", required_argument, NULL, OPTION_CFLAG},
                                        {"debug-file", required_argument, NULL, OPTION_DEBUG},
                                        {"keep", required_argument, NULL, OPTION_KEEP},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};

/* Return: -1 go on; otherwise an exit code. */
static int parse(int argc, char **argv, struct vdk_build_options *build, struct list *pages,
                 struct list *cflags)
{
	int option;

	while ((option = getopt_long(argc, argv, "o:h", options, NULL)) >= 0) {
		switch (option) {
		case 'o':
			build->output = optarg;
			break;
		case OPTION_NAME:
			build->name = optarg;
			break;
		case OPTION_PAGE:
			if (list_add(pages, "%s", optarg))
				return EXIT_SYSTEM;
			break;
		case OPTION_CC:
			build->cc = optarg;
			break;
		case OPTION_LD:
			build->ld = optarg;
			break;
		case OPTION_CFLAG:
			if (list_add(cflags, "%s", optarg))
				return EXIT_SYSTEM;
			break;
		case OPTION_DEBUG:
			build->debug_file = optarg;
			break;
		case OPTION_KEEP:
			build->keep_dir = optarg;
			break;
		case 'h':
			fputs(help, stdout);
			return EXIT_FINE;
		default:
			fputs("`vdk build --help` tells more\n", stderr);
			return EXIT_USAGE;
		}
	}
	return -1;
}

int cmd_build(int argc, char **argv)
{
	cleanup_list struct list pages = {0}, cflags = {0};
	struct vdk_build_options build = {.size = sizeof(build)};
	struct vdk_report report = {0};
	struct kit kit;
	int code = parse(argc, argv, &build, &pages, &cflags), error;

	if (code >= 0)
		return code;
	if (optind == argc || !build.output) {
		tool_error("build", optind == argc ? "what to build? (a folder or sources)"
		                                   : "where to? (-o IMG)");
		return EXIT_USAGE;
	}
	code = kit_find("build", &kit);
	if (code)
		return code;
	build.inputs = (const char *const *)argv + optind;
	build.pages = (const char *const *)pages.items;
	build.cflags = (const char *const *)cflags.items;
	build.include_dir = kit.include_dir;
	build.sdk_dir = kit.sdk_dir;
	error = vdk_build(&build, &report);
	if (error)
		tool_complain("build", &report);
	return kit_exit_code(error);
}
