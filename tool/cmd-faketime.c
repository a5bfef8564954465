/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk faketime - run a program that sees another time */
#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "faketime-control.h"
#include "faketime-start.h"
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
        "  %FILE                 at the time that FILE was last changed, and again whenever it is\n"
        "  x2  x0.5  '+1y x2'    and so many times as fast\n"
        "  i1.0  '+1y i2.5'      and so many seconds further at each question for the time\n\n"
        "  --monotonic           monotonic clocks go at the rate too; they never jump\n"
        "  --freeze              begin with clocks that stand still\n"
        "  --name ID             the name for --control; the PID without it\n"
        "  --once                fake PROGRAM's time only, not what it starts\n"
        "  --strict              report at the end which programs asked the kernel for the\n"
        "                        time by raw system calls, and so were told the true one\n"
        "  --report FILE         the same, into FILE\n"
        "  -f                    as faketime(1): no free-form dates, and a date without @ in\n"
        "                        front of it stops the clock\n"
        "  --date-prog PROGRAM   ask this one about free-form dates, not date(1)\n"
        "  -m, --exclude-monotonic  as faketime(1); both are always so\n"
        "  --json                with show, --list and --strict\n\n"
        "What asks the kernel by raw system calls, timers, sleeps and file times are true: see\n"
        "vdk-faketime(7).\n\n"
        "exit status: PROGRAM's own; 2 usage or a wrong SPEC, 3 a file or the system failed, 77\n"
        "cannot be done here, 126 PROGRAM cannot be executed, 127 there is no such program.\n";

struct options {
	struct faketime_reading reading;
	struct faketime_start start;
	const char *control;
	bool list, freeze;
};

static int start(const struct options *options, char **words)
{
	struct vdk_report report = {0};
	struct faketime_spec spec = {0};
	int error;

	if (options->start.strict && options->start.once) {
		tool_error("faketime", "--strict needs the supervisor, which --once does without");
		return EXIT_USAGE;
	}
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
	spec.frozen = spec.frozen || options->freeze;
	return faketime_start(&options->start, &spec, words);
}

static const struct option long_options[] = {
        {"control", required_argument, NULL, 'c'},
        {"name", required_argument, NULL, 'n'},
        {"date-prog", required_argument, NULL, 'd'},
        {"list", no_argument, NULL, 'l'},
        {"json", no_argument, NULL, 'j'},
        {"once", no_argument, NULL, 'o'},
        {"strict", no_argument, NULL, 's'},
        {"report", required_argument, NULL, 'r'},
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
		options->start.name = optarg;
		return true;
	case 'd':
		options->reading.date_program = optarg;
		return true;
	case 'l':
		return options->list = true;
	case 'j':
		return options->start.json = true;
	case 'o':
		return options->start.once = true;
	case 'M':
		return options->start.monotonic = true;
	case 'F':
		return options->freeze = true;
	case 'r':
		options->start.report = optarg;
		return options->start.strict = true;
	case 's':
		return options->start.strict = true;
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
		                        options.start.json);
	if (options.list)
		return faketime_list(options.start.json);
	return start(&options, argv + optind);
}
