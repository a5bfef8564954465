/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk faketime - run a program that sees another time */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <vdk/attach.h>

#include "base/cleanup.h"
#include "commands.h"
#include "faketime-control.h"
#include "faketime/clock.h"
#include "faketime/tree.h"
#include "vdk.h"

static const char help[] =
        "usage: vdk faketime [OPTION...] SPEC [--] PROGRAM [ARGUMENT...]\n"
        "       vdk faketime --control ID set SPEC|freeze|resume|step DURATION|show\n"
        "       vdk faketime --list\n\n"
        "Run PROGRAM, and every program that it starts in turn, with another time. SPEC is\n\n"
        "  +1d  -2,5y  +90       beside the true time (s m h d w y, default s)\n"
        "  '2020-12-24 20:30:00' at a local date; '2020-12-24T20:30:00Z' with a time zone\n"
        "  @1600000000.5         at so many seconds since 1970\n"
        "  'last friday 5 pm'    at what date(1) makes of it\n"
        "  %FILE                 at the time that FILE was last changed\n"
        "  x2  x0.5  '+1y x2'    and so many times as fast\n"
        "  i1.0  '+1y i2.5'      and so many seconds further at each question for the time\n\n"
        "  --monotonic           monotonic clocks go at the rate too; they never jump\n"
        "  --freeze              begin with clocks that stand still\n"
        "  --name ID             the name for --control; the PID without it\n"
        "  --once                fake PROGRAM's time only, not what it starts\n"
        "  -f                    as faketime(1): no free-form dates, and a date without @ in\n"
        "                        front of it stops the clock\n"
        "  --date-prog PROGRAM   ask this one about free-form dates, not date(1)\n"
        "  -m, --exclude-monotonic  as faketime(1); both are always so\n"
        "  --json                with show and --list\n\n"
        "What asks the kernel by raw system calls, timers, sleeps and file times are true: see\n"
        "vdk-faketime(7).\n\n"
        "exit status: PROGRAM's own; 2 usage or a wrong SPEC, 3 a file or the system failed, 77\n"
        "cannot be done here, 126 PROGRAM cannot be executed, 127 there is no such program.\n";

struct options {
	struct faketime_reading reading;
	const char *control, *name;
	bool list, json, once, monotonic, freeze;
};

/* A tree that is about to start. */
struct tree {
	struct vdk_publication publication;
	int state_fd; /* -1: no steps */
	char id[VDK_PUBLICATION_NAME_MAX + 1];
	char runtime[PATH_MAX]; /* absolute */
};

/* The name without one is the PID; another pid namespace may have the same, so try a few. */
static int create(struct tree *tree, const struct options *options, const char *image,
                  const struct faketime *record, struct vdk_report *report)
{
	int error = -EBUSY;

	if (options->name) {
		snprintf(tree->id, sizeof(tree->id), "%s", options->name);
		return faketime_tree_create(options->name, image, record, &tree->publication,
		                            &tree->state_fd, report);
	}
	snprintf(tree->id, sizeof(tree->id), "%d", getpid());
	for (int i = 2; i < 100; i++) {
		error = faketime_tree_create(tree->id, image, record, &tree->publication,
		                             &tree->state_fd, report);
		if (error != -EBUSY)
			break;
		snprintf(tree->id, sizeof(tree->id), "%d.%d", getpid(), i);
	}
	return error;
}

/*
 * Runs in the keeper, whose folder is another: the lock is its last one, and must not keep the tree
 * alive any more.
 */
static void on_end(void *data)
{
	const struct tree *tree = data;

	flock(tree->publication.page_fd, LOCK_UN);
	if (!setenv("VDK_RUNTIME_DIR", tree->runtime, 1))
		faketime_tree_bury(tree->id);
}

static int attach(struct tree *tree, bool once, char **argv, struct vdk_report *report)
{
	const struct vdk_publication *publication = &tree->publication;
	const struct vdk_attach_watch watch = {.data = tree, .fd = -1, .ended = on_end};
	struct vdk_attach attach = {.image_fd = publication->image_fd,
	                            .image_path = publication->path,
	                            .image_size = publication->image_size,
	                            .page_fd = publication->page_fd,
	                            .page_size = publication->page_size,
	                            .finish = publication->note.finish,
	                            .has_state = tree->state_fd >= 0,
	                            .state_fd = tree->state_fd,
	                            .watch = &watch};
	const char *slash = strrchr(publication->path, '/');
	char page[PATH_MAX], image[PATH_MAX], runtime[PATH_MAX];

	attach.image_path = realpath(publication->path, image);
	snprintf(page, sizeof(page), "%.*s/page", (int)(slash - publication->path),
	         publication->path);
	if (vdk_runtime_dir(runtime, sizeof(runtime)) || !realpath(runtime, tree->runtime))
		tree->runtime[0] = '\0';
	/* With --once the program must map this very open file: its lock tells that the tree lives. */
	attach.page_path = once ? NULL : page;
	memcpy(attach.fallback, publication->note.fallback, sizeof(attach.fallback));
	return once ? vdk_attach_once(&attach, argv[0], argv, report)
	            : vdk_attach_follow(&attach, argv[0], argv, report);
}

static int run(const struct options *options, struct faketime_spec *spec, char **argv,
               struct vdk_report *report)
{
	struct tree tree = {.publication = VDK_PUBLICATION_CLOSED, .state_fd = -1};
	struct faketime record;
	struct faketime_now now;
	char image[PATH_MAX];
	int error = tool_find("vdso", "faketime.so", image, sizeof(image));

	if (error)
		return vdk_report_set(report, error, "faketime.so",
		                      "the kit's image is missing: %s; is the installation whole?",
		                      strerror(-error));
	spec->frozen = spec->frozen || options->freeze;
	faketime_tree_collect(NULL);
	faketime_clock_now(&now);
	faketime_clock_start(&record, spec, &now, options->monotonic);
	error = create(&tree, options, image, &record, report);
	if (!error)
		error = attach(&tree, options->once, argv, report);
	vdk_publication_close(&tree.publication);
	vdk_closep(&tree.state_fd);
	faketime_tree_collect(NULL); /* only after a failure: our own */
	return error;
}

/* What env(1), timeout(1) and the shells say of a program that could not be started. */
static int run_exit_code(int error, const struct vdk_report *report)
{
	if (!strncmp(report->text, "cannot run", 10))
		return error == -ENOENT || error == -ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC;
	return tool_exit_code(error);
}

static int start(const struct options *options, char **words)
{
	struct vdk_report report = {0};
	struct faketime_spec spec = {0};
	int error;

	if (!words[0]) {
		tool_error("faketime", "which time? `vdk faketime --help` tells more");
		return EXIT_USAGE;
	}
	error = faketime_spec_read(words[0], &options->reading, &spec, &report);
	if (error) {
		tool_complain("faketime", &report);
		return tool_exit_code(error);
	}
	words++;
	if (words[0] && !strcmp(words[0], "--"))
		words++;
	if (!words[0]) {
		tool_error("faketime", "which program? `vdk faketime --help` tells more");
		return EXIT_USAGE;
	}
	error = run(options, &spec, words, &report);
	tool_complain("faketime", &report);
	return run_exit_code(error, &report);
}

static const struct option long_options[] = {
        {"control", required_argument, NULL, 'c'},
        {"name", required_argument, NULL, 'n'},
        {"date-prog", required_argument, NULL, 'd'},
        {"list", no_argument, NULL, 'l'},
        {"json", no_argument, NULL, 'j'},
        {"once", no_argument, NULL, 'o'},
        {"monotonic", no_argument, NULL, 'M'},
        {"freeze", no_argument, NULL, 'F'},
        {"exclude-monotonic", no_argument, NULL, 'm'},
        {"help", no_argument, NULL, 'h'},
        {0},
};

static bool take_option(struct options *options, int option)
{
	switch (option) {
	case 'c':
		options->control = optarg;
		return true;
	case 'n':
		options->name = optarg;
		return true;
	case 'd':
		options->reading.date_program = optarg;
		return true;
	case 'l':
		return options->list = true;
	case 'j':
		return options->json = true;
	case 'o':
		return options->once = true;
	case 'M':
		return options->monotonic = true;
	case 'F':
		return options->freeze = true;
	case 'f':
		return options->reading.advanced = true;
	case 'm':
		return true;
	default:
		return false;
	}
}

int cmd_faketime(int argc, char **argv)
{
	struct options options = {.reading.date_program = "date"};
	int option, before = optind;

	/* '+': the first word that is no option is SPEC. So is a - with a digit behind it. */
	while ((option = getopt_long(argc, argv, "+hfm0123456789.", long_options, NULL)) != -1) {
		if (isdigit(option) || option == '.') {
			optind = before;
			break;
		}
		if (option == 'h') {
			fputs(help, stdout);
			return EXIT_FINE;
		}
		if (!take_option(&options, option))
			return EXIT_USAGE;
		before = optind;
	}
	if (options.control)
		return faketime_control(options.control, argv + optind, &options.reading,
		                        options.json);
	if (options.list)
		return faketime_list(options.json);
	return start(&options, argv + optind);
}
