/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk unpublish - take a published name away */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include <vdk/publish.h>

#include "commands.h"
#include "vdk.h"

static const char help[] =
	"usage: vdk unpublish [--force] NAME...\n\n"
	"Remove publications. Programs that run keep the image and the page that they have.\n\n"
	"  --force   even while a publisher runs; nobody will see what it goes on to write\n\n"
	"exit status: 0 removed, 2 usage, 3 not published, has a publisher, or the system failed,\n"
	"77 not permitted.\n";

int cmd_unpublish(int argc, char **argv)
{
	static const struct option options[] = {
		{"force", no_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	bool force = false;
	int option, code = EXIT_FINE;

	while ((option = getopt_long(argc, argv, "fh", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return EXIT_FINE;
		}
		if (option != 'f')
			return EXIT_USAGE;
		force = true;
	}
	if (optind == argc) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	for (; optind < argc; optind++) {
		struct vdk_report report;
		const int error = vdk_unpublish(argv[optind], force, &report);

		if (error) {
			tool_complain("unpublish", &report);
			code = tool_exit_code(error);
		}
	}
	return code;
}
