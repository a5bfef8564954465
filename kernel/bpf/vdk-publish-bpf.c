/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vdk publish --bpf - publish a page that a BPF program of the kernel writes
 *
 * A program of its own, since libbpf is needed for nothing else. `vdk publish` executes it with all
 * of its own arguments.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

#include <vdk/page.h>
#include <vdk/publish.h>

#include "base/cleanup.h"
#include "object.h"
#include "pagemap.h"
#include "publish/prepare.h"
#include "tool/duration.h"
#include "tool/notify.h"
#include "tool/outcome.h"
#include "tool/vdk.h"

static const char help[] =
	"usage: vdk publish [OPTION]... NAME [IMG] --bpf OBJ\n\n"
	"Publish the image IMG as NAME with a page that the kernel writes, by the BPF programs\n"
	"in OBJ (vdk/update-bpf.h), which stay attached as long as this runs. Without IMG feed\n"
	"what is published as NAME, for instance after a restart.\n\n"
	"  --every TIME        how often programs of the section perf_event run; 10ms\n"
	"  --void-after TIME   values are stale that long after a program's vdk_bpf_touch(); 1s\n"
	"  --private           readable by nobody else\n"
	"  --json              say as an object what came of it\n\n"
	"SIGTERM, SIGINT and SIGHUP end it and detach the programs; the publication stays, with\n"
	"its last values. It needs CAP_BPF and CAP_PERFMON, and CAP_SYS_ADMIN once, to mount a\n"
	"bpffs in the runtime directory.\n\n"
	"exit status: 0 done, 1 OBJ is no such object or the kernel's verifier refuses it, 2 usage\n"
	"or OBJ and IMG do not match, 3 a file or the system failed or NAME has a publisher\n"
	"already, 77 BPF is refused here, or the kernel lacks what OBJ is attached to.\n";

struct arguments {
	const char *name, *object_path;
	struct vdk_publish_options publish;
	uint64_t every, limit;
	struct object *object;
	bool json;
};

/* Return -1 to go on, or an exit code. */
static int parse_options(int argc, char **argv, struct arguments *arguments)
{
	static const struct option options[] = {
		{"bpf", required_argument, NULL, 'b'},
		{"every", required_argument, NULL, 'e'},
		{"void-after", required_argument, NULL, 'v'},
		{"private", no_argument, NULL, 'p'},
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
		case 'b':
			arguments->object_path = optarg;
			break;
		case 'e':
			if (!duration_option("publish", "every", optarg, &arguments->every))
				return EXIT_USAGE;
			break;
		case 'v':
			if (!duration_option("publish", "void-after", optarg, &arguments->limit))
				return EXIT_USAGE;
			break;
		case 'p':
			arguments->publish.only_owner = true;
			break;
		case 'j':
			arguments->json = true;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (!arguments->object_path || argc - optind < 1 || argc - optind > 2) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	arguments->name = argv[optind];
	arguments->publish.image_path = argv[optind + 1];
	if (!arguments->publish.image_path && arguments->publish.only_owner) {
		tool_error("publish", "--private needs an image to publish");
		return EXIT_USAGE;
	}
	return -1;
}

static int feed(struct arguments *arguments, const struct vdk_layout *layout, int map_fd,
                struct vdk_report *report)
{
	int error = object_load(arguments->object, layout, map_fd, arguments->limit, report);

	if (!error)
		error = object_take_over(arguments->object, report);
	return error ? error : object_attach(arguments->object, arguments->every, report);
}

/* Nobody but the kernel can write such a page, and update-bpf.h writes single records only. */
static int refuse_lists(const struct arguments *arguments, const struct vdk_layout *layout,
                        struct vdk_report *report)
{
	for (uint32_t i = 0; i < layout->record_count; i++)
		if (layout->records[i].list)
			return vdk_report_set(report, -EINVAL, arguments->name,
			                      "%s is a list (VDK_RECORDS), and a BPF program writes "
			                      "single records only: declare a VDK_RECORD() for each",
			                      layout->records[i].name);
	return 0;
}

/*
 * Called by the role's holder, before anything of the publication can be seen: whatever fails here
 * leaves the old one as it was.
 */
static int load(void *context, int runtime_fd, const char *pin, const struct vdk_note *note,
                int map_fd, bool only_owner, struct vdk_report *report)
{
	struct arguments *arguments = context;
	vdk_cleanup_close int own_fd = -1;
	struct vdk_layout *layout = NULL;
	const bool fresh = map_fd < 0;
	int error = vdk_layout_parse(note->table, note->image.table_size, note->image.table_size,
	                             arguments->name, &layout, report);

	if (!error)
		error = refuse_lists(arguments, layout, report);
	if (!error && fresh)
		error = pagemap_create(note, layout, arguments->name, &own_fd, report);
	if (!error && fresh)
		error = pagemap_freeze(own_fd, report);
	if (!error)
		error = feed(arguments, layout, fresh ? own_fd : map_fd, report);
	if (!error && pin)
		error = pagemap_pin(fresh ? own_fd : map_fd, runtime_fd, pin, only_owner, report);
	vdk_layout_free(layout);
	return error ? error : !fresh;
}

static void tell(const struct arguments *arguments, enum vdk_published outcome)
{
	static const char *const outcomes[] = {
		[VDK_PUBLISHED_NEW] = "published",
		[VDK_PUBLISHED_SAME_PAGE] = "replaced; programs that run see the new values",
		[VDK_PUBLISHED_OTHER_PAGE] =
			("replaced; the page is another one: programs that run keep the old "
			 "page, which nobody updates any more"),
		[VDK_PUBLISHED_TAKEN_OVER] = "taken over",
	};

	if (arguments->json) {
		outcome_print_json(arguments->name, outcome, NULL);
		return;
	}
	printf("%s: %s; the kernel writes it: ", arguments->name, outcomes[outcome]);
	object_print_programs(arguments->object, stdout);
	putchar('\n');
	fflush(stdout);
}

/* Nothing is left to do but to be there: the programs are attached as long as this lives. */
static int serve(int signal_fd)
{
	const uint64_t watchdog = notify_watchdog() / 2;
	struct pollfd polled = {.fd = signal_fd, .events = POLLIN};
	int ready;

	notify("READY=1");
	do {
		ready = poll(&polled, 1, watchdog ? (int)(watchdog / 1000000 + 1) : -1);
		if (ready == 0)
			notify("WATCHDOG=1");
	} while (ready == 0 || (ready < 0 && errno == EINTR));
	notify("STOPPING=1");
	return ready < 0 ? EXIT_SYSTEM : EXIT_FINE;
}

/* Those that nohup(1) and shells' background jobs ignore on purpose stay ignored. */
static int catch_signals(void)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct sigaction old;

		if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaddset(&set, numbers[i]);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* The object is the author's: what is wrong with it is a verdict, not a failing system. */
static int exit_code(int error)
{
	return error == -ENOEXEC ? EXIT_FINDING : tool_exit_code(error);
}

static int publish(struct arguments *arguments, struct vdk_report *report)
{
	const struct vdk_map_source source = {.load = load, .context = arguments};
	vdk_cleanup_close int signal_fd = catch_signals();
	struct vdk_publisher *publisher = NULL;
	int error, code;

	if (signal_fd < 0)
		return vdk_report_set(report, -errno, "signalfd", "%s", strerror(errno));
	error = vdk_publisher_open_map(arguments->name, &arguments->publish, &source, &publisher,
	                               report);
	if (error)
		return error;
	tell(arguments, vdk_publisher_outcome(publisher));
	code = serve(signal_fd);
	/* The programs first, and then the role: the next publisher finds nobody else writing. */
	arguments->object = object_close(arguments->object);
	vdk_publisher_close(publisher);
	return code == EXIT_FINE ? 0 : vdk_report_set(report, -EIO, "poll", "failed");
}

int main(int argc, char **argv)
{
	struct arguments arguments = {
		.every = 10000000, .limit = 1000000000, .publish.no_update = true};
	struct vdk_report report = {.text = "out of memory"};
	int error, code;

	if (argc < 1 || strcmp(argv[0], "publish") != 0) {
		tool_error("publish", "this program is a part of `vdk`, which starts it");
		return EXIT_USAGE;
	}
	tool_name_command(argv);
	code = parse_options(argc, argv, &arguments);
	if (code >= 0)
		return code;
	error = object_open(arguments.object_path, &arguments.object, &report);
	if (!error)
		error = publish(&arguments, &report);
	object_close(arguments.object);
	if (error)
		tool_complain("publish", &report);
	return error ? exit_code(error) : EXIT_FINE;
}
