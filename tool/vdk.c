/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vdk - the vDSO Development Kit's one program
 *
 * A table of commands. What must start fast is linked in statically and needs libc and JSON only;
 * what needs ELF, DWARF and disassembly libraries, or loads an author's update hook, lives in
 * programs of its own under libexec and is executed in place of this one.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "vdk.h"

#ifndef VDK_VERSION
#define VDK_VERSION "unknown"
#endif

static int exec_build(int argc, char **argv)
{
	return tool_exec("vdk-image", "build", argc, argv);
}

static int exec_check(int argc, char **argv)
{
	return tool_exec("vdk-image", "check", argc, argv);
}

static int exec_publish(int argc, char **argv)
{
	return tool_exec("vdk-publish", "publish", argc, argv);
}

/* In the order in which a vDSO comes to life. */
static const struct command commands[] = {
        {"build", "compile and link a vDSO's source into a checked image", exec_build},
        {"check", "check an image against every rule that its readers rely on", exec_check},
        {"flags", "print what other build systems need to make an image", cmd_flags},
        {"publish", "make an image and its live page available under a name", exec_publish},
        {"unpublish", "take a published name away", cmd_unpublish},
        {"ls", "list what is published, and who feeds it", cmd_ls},
        {"set", "change fields of a published page", cmd_set},
        {"get", "print the values of a published page, or of a page file", cmd_get},
        {"watch", "print the changes of a published page", cmd_watch},
        {"run", "run a program with a vDSO attached", cmd_run},
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
			tool_name_command(argv + 1);
			return commands[i].main(argc - 1, argv + 1);
		}
	tool_error(NULL, "'%s' is not a command; `vdk --help` lists them", argv[1]);
	return EXIT_USAGE;
}
