/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vdk - the vDSO Development Kit's one program
 *
 * A table of commands. `vdk run` is paid at each start of a program, so this program is small,
 * static and made with musl where that is there: on a virtual machine the start of a glibc program
 * costs half a millisecond for asking the processor, by trapping instructions, what it can do. All
 * other commands live in programs under libexec, executed in place of this one, with libraries to
 * their taste.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "vdk.h"

#ifndef VDK_VERSION
#define VDK_VERSION "unknown"
#endif

/* Where a command lives: in a program of the libexec folder, or here. */
struct place {
	const char *name;
	const char *summary;
	const char *program;
	int (*main)(int argc, char **argv);
};

/* In the order in which a vDSO comes to life. */
static const struct place commands[] = {
        {"build", "compile and link a vDSO's source into a checked image", "vdk-image", NULL},
        {"check", "check an image against every rule that its readers rely on", "vdk-image", NULL},
        {"flags", "print what other build systems need to make an image", "vdk-image", NULL},
        {"publish", "make an image and its live page available under a name", "vdk-publish", NULL},
        {"unpublish", "take a published name away", "vdk-page", NULL},
        {"ls", "list what is published, and who feeds it", "vdk-page", NULL},
        {"set", "change fields of a published page", "vdk-page", NULL},
        {"get", "print the values of a published page, or of a page file", "vdk-page", NULL},
        {"watch", "print the changes of a published page", "vdk-page", NULL},
        {"run", "run a program with a vDSO attached", NULL, cmd_run},
        {"bake", "put a vDSO into the source of a Linux kernel", "vdk-bake", NULL},
        {"maps", "explain the mappings of a process", "vdk-look", NULL},
        {"auxv", "decode the auxiliary vector of a process", "vdk-look", NULL},
        {"dump", "write the vDSO of a process into a file", "vdk-look", NULL},
        {"symbols", "list the symbols of a vDSO", "vdk-look", NULL},
        {"diff", "compare the vDSOs of two processes or files", "vdk-look", NULL},
        {"vsyscall", "tell how the vsyscall page works here, and who uses it", "vdk-look", NULL},
        {"perf-map", "name the functions of an attached vDSO for profilers and gdb", "vdk-look", NULL},
        {"verify", "hold the functions of a vDSO to what their callers rely on", "vdk-verify", NULL},
        {"bench", "measure what each function of the vDSOs costs", "vdk-bench", NULL},
        {"entropy", "measure how random the addresses of vDSO and others are", "vdk-look", NULL},
        {"doctor", "tell whether the vDSO is used, and if not, why not", "vdk-look", NULL},
        {"faketime", "run a program that sees another time", "vdk-faketime", NULL},
};

static void print_help(FILE *out)
{
	fputs("vdk - the vDSO Development Kit\n\n"
	      "usage: vdk COMMAND [ARGUMENT...]\n"
	      "       vdk COMMAND --help\n\n",
	      out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
	fputs("\nexit status: 0 fine, 1 finding or verdict \"no\", 2 usage, 3 the system failed,\n"
	      "77 not possible here; `vdk run` ends as the program that it ran.\n",
	      out);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return EXIT_FINE;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("vdk " VDK_VERSION);
		return EXIT_FINE;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i].name)) {
			if (commands[i].program)
				return tool_exec(commands[i].program, argv[1], argc - 1, argv + 1);
			tool_name_command(argv + 1);
			return commands[i].main(argc - 1, argv + 1);
		}
	tool_error(NULL, "'%s' is not a command; `vdk --help` lists them", argv[1]);
	return EXIT_USAGE;
}
