/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk publish - make an image and its live page available under a name */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <vdk/page.h>
#include <vdk/publish.h>

#include "commands.h"
#include "duration.h"
#include "outcome.h"
#include "service.h"
#include "vdk.h"

static const char help[] =
	"usage: vdk publish [OPTION]... NAME IMG\n"
	"       vdk publish [OPTION]... NAME\n"
	"       vdk publish [OPTION]... NAME [IMG] --bpf OBJ\n\n"
	"Publish the image IMG with its page as NAME, in the place of what had that name; without\n"
	"IMG take over what is published, for instance after a restart. Where there is an update\n"
	"hook, IMG without .so plus .update.so, go on running it; with --stdin take values from\n"
	"standard input until its end. Otherwise be done at once: `vdk set` or another program\n"
	"writes the values.\n\n"
	"  --every TIME        run the hook that often; 10ms\n"
	"  --void-after TIME   values are stale that long after the last update of the hook or line;\n"
	"                      with a hook ten periods, at least 1s; otherwise never\n"
	"  --idle TIME         the hook rests when nobody had the page open or mapped for that long,\n"
	"                      and runs again as soon as somebody opens it\n"
	"  --stdin             lines RECORD.FIELD=VALUE RECORD.FIELD=VALUE..., or JSON objects\n"
	"                      {\"RECORD\": {\"FIELD\": VALUE}}; what a line says of one record is one\n"
	"                      consistent update; a bad line is reported and changes nothing\n"
	"  --once              run the hook once and be done\n"
	"  --update FILE       the hook's module; --no-update: without one\n"
	"  --private           readable by nobody else\n"
	"  --json              say as an object what came of it\n"
	"  --bpf OBJ           the kernel writes the page, by the BPF programs in OBJ; it has a help of\n"
	"                      its own: vdk publish --bpf OBJ --help\n\n"
	"SIGTERM, SIGINT and SIGHUP end it; the publication stays, with its last values. Under a\n"
	"service manager it tells READY=1, WATCHDOG=1 and STOPPING=1 (sd_notify).\n\n"
	"exit status: 0 done, 1 a line was bad, 2 usage, 3 a file or the system failed or NAME has a\n"
	"publisher already, 77 not permitted or not to be trusted.\n";

struct arguments {
	const char *name;
	struct vdk_publish_options publish;
	struct service_options service;
	bool json;
};

/* libbpf is needed for nothing else, so that is a program of its own; kernel/ can be removed. */
static int publish_by_bpf(int argc, char **argv)
{
	static const char program[] = "vdk-publish-bpf";
	char path[PATH_MAX];

	if (tool_find("libexec", program, path, sizeof(path)) == -ENOENT) {
		tool_error("publish", "--bpf: this vdk was built without libbpf");
		return EXIT_IMPOSSIBLE;
	}
	return tool_exec(program, "publish", argc, argv);
}

static bool take_time(int option, struct service_options *service)
{
	if (option == 'e')
		return duration_option("publish", "every", optarg, &service->every);
	if (option == 'v')
		return duration_option("publish", "void-after", optarg, &service->limit);
	return duration_option("publish", "idle", optarg, &service->idle);
}

/* Return -1 to go on, or an exit code. */
static int parse_options(int argc, char **argv, struct arguments *arguments)
{
	static const struct option options[] = {
		{"every", required_argument, NULL, 'e'},
		{"void-after", required_argument, NULL, 'v'},
		{"idle", required_argument, NULL, 'i'},
		{"stdin", no_argument, NULL, 's'},
		{"once", no_argument, NULL, 'o'},
		{"update", required_argument, NULL, 'u'},
		{"no-update", no_argument, NULL, 'n'},
		{"private", no_argument, NULL, 'p'},
		{"bpf", required_argument, NULL, 'b'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(help, stdout);
			return EXIT_FINE;
		case 'e':
		case 'v':
		case 'i':
			if (!take_time(option, &arguments->service))
				return EXIT_USAGE;
			break;
		case 's':
			arguments->service.lines = true;
			break;
		case 'o':
			arguments->service.once = true;
			break;
		case 'u':
			arguments->publish.update_path = optarg;
			break;
		case 'n':
			arguments->publish.no_update = true;
			break;
		case 'p':
			arguments->publish.only_owner = true;
			break;
		case 'j':
			arguments->json = true;
			break;
		case 'b':
			return publish_by_bpf(argc, argv);
		default:
			return EXIT_USAGE;
		}
	}
	return -1;
}

static int check_arguments(int argc, char **argv, struct arguments *arguments)
{
	const struct vdk_publish_options *publish = &arguments->publish;

	if (argc - optind < 1 || argc - optind > 2) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	arguments->name = argv[optind];
	arguments->publish.image_path = argv[optind + 1];
	if (!publish->image_path &&
	    (publish->update_path || publish->no_update || publish->only_owner)) {
		tool_error("publish",
		           "--update, --no-update and --private need an image to publish");
		return EXIT_USAGE;
	}
	if (publish->update_path && publish->no_update) {
		tool_error("publish", "--update and --no-update exclude each other");
		return EXIT_USAGE;
	}
	return -1;
}

static void tell(const struct arguments *arguments, const struct vdk_publisher *publisher)
{
	static const char *const outcomes[] = {
		[VDK_PUBLISHED_NEW] = "published",
		[VDK_PUBLISHED_SAME_PAGE] = "replaced; programs that run see the new values",
		[VDK_PUBLISHED_OTHER_PAGE] =
			("replaced; the page's layout is another one: programs that run keep the "
			 "old page, which nobody updates any more, and the new one is empty"),
		[VDK_PUBLISHED_TAKEN_OVER] = "taken over",
	};
	struct vdk_page *page = vdk_publisher_page(publisher);
	enum vdk_published outcome = vdk_publisher_outcome(publisher);
	struct vdk_page_info info;

	if (!page && outcome == VDK_PUBLISHED_OTHER_PAGE)
		outcome = VDK_PUBLISHED_NEW;
	if (arguments->json) {
		outcome_print_json(arguments->name, outcome, page);
		return;
	}
	printf("%s: %s", arguments->name, outcomes[outcome]);
	if (page && vdk_page_info(page, &info) == 0)
		printf(" (epoch %llu, %u bytes)", (unsigned long long)info.epoch,
		       vdk_page_layout(page)->page_size);
	putchar('\n');
	fflush(stdout);
}

/* Whoever takes a page over says how long its values are good. */
static void set_limit(struct arguments *arguments, const struct vdk_publisher *publisher)
{
	struct service_options *service = &arguments->service;
	const bool hook = vdk_publisher_update_fd(publisher) >= 0;
	struct vdk_page *page = vdk_publisher_page(publisher);

	if (!service->every)
		service->every = 10000000;
	if (!service->limit && hook && !service->once)
		service->limit = service->every > 100000000 ? 10 * service->every : 1000000000;
	if (!page)
		return;
	if (service->limit)
		vdk_page_touch(page, vdk_page_now(), service->limit);
	else
		vdk_page_vouch_forever(page);
}

int cmd_publish(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct vdk_report report = {.text = "out of memory"};
	struct vdk_publisher *publisher = NULL;
	int error, code = parse_options(argc, argv, &arguments);

	if (code < 0)
		code = check_arguments(argc, argv, &arguments);
	if (code >= 0)
		return code;
	error = vdk_publisher_open(arguments.name, &arguments.publish, &publisher, &report);
	if (error) {
		tool_complain("publish", &report);
		return tool_exit_code(error);
	}
	tell(&arguments, publisher);
	set_limit(&arguments, publisher);
	if (!vdk_publisher_page(publisher) && arguments.service.lines) {
		tool_error("publish",
		           "%s: the image has no records, so --stdin has nothing to feed",
		           arguments.name);
		code = EXIT_USAGE;
	} else {
		code = service_run(publisher, &arguments.service);
	}
	vdk_publisher_close(publisher);
	return code;
}
