/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk set - change fields of a published page */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <vdk/page.h>
#include <vdk/publish.h>

#include "commands.h"
#include "duration.h"
#include "feed.h"
#include "vdk.h"

static const char help[] =
	"usage: vdk set [--void-after TIME] NAME RECORD.FIELD=VALUE...\n\n"
	"Change fields of the page that is published as NAME, with or without a publisher running.\n"
	"All fields of one record change in one consistent update; fields of several records are\n"
	"several updates, one after the other. A mistake anywhere changes nothing.\n\n"
	"  rec.count=5  rec.count=0xff      whole numbers, within the field's range\n"
	"  rec.price=101.25                 floats\n"
	"  rec.open=true                    true, false, 1, 0\n"
	"  rec.name=EURUSD                  text, at most as many bytes as the field has\n"
	"  rec.many=1,2,3  rec.many[2]=5    a whole array, one element\n"
	"  rec[3].price=101.25              of one record of a list\n\n"
	"  --void-after TIME   the values are stale that long from now, for instance 5s\n\n"
	"exit status: 0 done, 2 usage or a wrong name or value, 3 a file or page failed, 77 not\n"
	"permitted.\n";

/* Names and values are the user's own words: mistakes in them are mistakes of usage. */
static int exit_code(int error)
{
	return error == -ENOENT || error == -ERANGE ? EXIT_USAGE : tool_exit_code(error);
}

static int set(struct vdk_page *page, int count, char **arguments, uint64_t limit)
{
	struct vdk_report report = {.text = "out of memory"};
	struct feed *feed = feed_new(page);
	int result = feed ? 0 : -ENOMEM;

	for (int i = 0; i < count && !result; i++)
		result = feed_argument(feed, arguments[i], &report);
	if (!result)
		result = feed_commit(feed, &report);
	if (result < 0)
		tool_complain("set", &report);
	else
		vdk_page_touch(page, vdk_page_now(), limit);
	feed_free(feed);
	return result < 0 ? exit_code(result) : EXIT_FINE;
}

int cmd_set(int argc, char **argv)
{
	static const struct option options[] = {
		{"void-after", required_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct vdk_page *page = NULL;
	struct vdk_report report = {.text = "out of memory"};
	uint64_t limit = 0;
	int option, error, code;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return EXIT_FINE;
		}
		if (option != 'v')
			return EXIT_USAGE;
		if (!duration_option("set", "void-after", optarg, &limit))
			return EXIT_USAGE;
	}
	if (argc - optind < 2) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	error = vdk_publication_writer(argv[optind], &page, &report);
	if (error) {
		tool_complain("set", &report);
		return error == -ENODATA ? EXIT_USAGE : tool_exit_code(error);
	}
	code = set(page, argc - optind - 1, argv + optind + 1, limit);
	vdk_page_close(page);
	return code;
}
