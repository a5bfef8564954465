/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk flags: what `vdk build` does, in pieces for other build systems. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/image.h>

#include "commands.h"
#include "kit.h"
#include "vdk.h"

static const char help[] =
        "usage: vdk flags --cflags [--cc COMMAND]\n"
        "       vdk flags --script DIR [--name NAME] [--page FILE]... [--cc COMMAND] OBJECT...\n"
        "       vdk flags --ldflags DIR [--cc COMMAND] [--ld bfd|lld]\n"
        "       vdk flags --bpf\n"
        "\n"
        "For people with a build system of their own. Compile each source with the flags of\n"
        "--cflags; then either let the kit finish,\n"
        "\n"
        "    cc $(vdk flags --cflags) -c notb.vdso.c -o notb.o\n"
        "    vdk build notb.o --page notb.page.h -o notb.so\n"
        "\n"
        "or link yourself, with what --script makes from the objects and page headers, and check:\n"
        "\n"
        "    vdk flags --script parts --name notb --page notb.page.h notb.o\n"
        "    cc $(vdk flags --ldflags parts) notb.o -s -o notb.so\n"
        "    truncate -s %4096 notb.so\n"
        "    vdk check notb.so\n"
        "\n"
        "  --cflags        print the compiler's flags for code inside of an image\n"
        "  --script DIR    write linker script, version script and the kit's objects to DIR;\n"
        "                  again whenever a record or an exported function changes\n"
        "  --ldflags DIR   print the flags and files of the link line; add -o and the objects\n"
        "  --bpf           print clang's flags for a BPF program that feeds a page (vdk/update-bpf.h):\n"
        "                  clang $(vdk flags --bpf) -c notb.bpf.c -o notb.bpf.o\n"
        "  --page FILE     a page header that the objects were compiled with\n"
        "  --name NAME     the vDSO's name; default: image\n"
        "  --cc COMMAND    gcc or clang; default: $CC, or else cc\n"
        "  --ld LINKER     bfd or lld; default: the compiler's own\n"
        "  -h, --help\n"
        "\n"
        "exit status: 0 done; 2 wrong arguments or objects; 3 the system failed.\n";

enum {
	OPTION_CFLAGS = 256,
	OPTION_BPF,
	OPTION_LDFLAGS,
	OPTION_SCRIPT,
	OPTION_PAGE,
	OPTION_NAME,
	OPTION_CC,
	OPTION_LD
};

static const struct option options[] = {{"cflags", no_argument, NULL, OPTION_CFLAGS},
                                        {"bpf", no_argument, NULL, OPTION_BPF},
                                        {"ldflags", required_argument, NULL, OPTION_LDFLAGS},
                                        {"script", required_argument, NULL, OPTION_SCRIPT},
                                        {"page", required_argument, NULL, OPTION_PAGE},
                                        {"name", required_argument, NULL, OPTION_NAME},
                                        {"cc", required_argument, NULL, OPTION_CC},
                                        {"ld", required_argument, NULL, OPTION_LD},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};

/*
 * Version 3 of the instructions has the atomics that a page needs. A BPF program has no libc, and
 * of the system's headers only the kernel's, some of which lie where the CPU's own are.
 */
static int print_bpf(const char *include_dir)
{
	printf("-target bpf -mcpu=v3 -O2 -g -ffreestanding -I%s -idirafter "
	       "/usr/include/x86_64-linux-gnu\n", include_dir);
	return tool_finish("flags", EXIT_FINE);
}

static int print(int wanted, const struct vdk_build_options *build)
{
	struct vdk_report report = {0};
	char *line = NULL;
	const int error = wanted == OPTION_CFLAGS ? vdk_build_cflags(build, &line, &report)
	                                          : vdk_build_ldflags(build, &line, &report);

	if (error) {
		tool_complain("flags", &report);
		return error == -EINVAL ? EXIT_USAGE : EXIT_SYSTEM;
	}
	puts(line);
	free(line);
	return tool_finish("flags", EXIT_FINE);
}

int cmd_flags(int argc, char **argv)
{
	struct vdk_build_options build = {.size = sizeof(build)};
	struct kit kit;
	int option, wanted = 0, code;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (option) {
		case OPTION_SCRIPT:
			optind = 0; /* read the words again, from the first one on */
			return cmd_script(argc, argv);
		case OPTION_LDFLAGS:
			build.script_dir = optarg;
			wanted = option;
			break;
		case OPTION_CFLAGS:
		case OPTION_BPF:
			wanted = option;
			break;
		case OPTION_CC:
			build.cc = optarg;
			break;
		case OPTION_LD:
			build.ld = optarg;
			break;
		case OPTION_PAGE:
		case OPTION_NAME:
			break; /* belong to --script, which may follow */
		case 'h':
			fputs(help, stdout);
			return EXIT_FINE;
		default:
			fputs("`vdk flags --help` tells more\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (!wanted || optind < argc) {
		tool_error("flags", "expected one of --cflags, --ldflags DIR, --bpf and --script DIR "
		                    "OBJECT...; `vdk flags --help` tells more");
		return EXIT_USAGE;
	}
	code = kit_find("flags", &kit);
	if (code)
		return code;
	if (wanted == OPTION_BPF)
		return print_bpf(kit.include_dir);
	build.include_dir = kit.include_dir;
	build.sdk_dir = kit.sdk_dir;
	return print(wanted, &build);
}
