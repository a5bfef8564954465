/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk doctor - is the vDSO used, and if not, why not and what to do */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "doctor-try.h"
#include "doctor/count.h"
#include "look.h"
#include "vdk.h"

static const char help[] =
	"usage: vdk doctor [--json] [--seconds N] [--count WAY] [PID]\n"
	"       vdk doctor [--json] [--seconds N] -- COMMAND [ARGUMENT...]\n"
	"       vdk doctor --root DIR [--json] [PID]\n"
	"       vdk doctor --list\n\n"
	"Tell whether the vDSO is used, and if not, why not and what to do: by this machine and this\n"
	"command itself, by a process, or by a program that is started and watched to its end. Each\n"
	"finding comes with its evidence, what it costs here, and what to do. What could not be\n"
	"examined is told, too.\n\n"
	"  --json        one object\n"
	"  --seconds N   PID: count its time system calls for N seconds (1); with --seconds given,\n"
	"                also by ptrace. COMMAND: end it after N seconds\n"
	"  --count WAY   PID: count with perf, ptrace, or not at all: none; auto (the default) takes\n"
	"                the first that is permitted\n"
	"  --root DIR    examine DIR/proc and DIR/sys; DIR/measured tells what was measured there\n"
	"  --list        list every finding that there is\n\n"
	"COMMAND's standard output is led to standard error. It runs traced, without privileges from\n"
	"set-user-ID files, and what it leaves behind ends with it.\n\n"
	"exit status: 0 healthy, 1 findings, 2 usage, 3 no such process or program, 77 not permitted.\n";

struct wishes {
	const char *root, *count;
	double seconds;
	bool json, list, has_seconds;
};

static void begin_look(void)
{
	look_watch("doctor");
}

static const struct doctor_guard guard = {begin_look, look_watch_end};

static int finish(const struct doctor *doctor, const struct wishes *wishes)
{
	if (wishes->json)
		doctor_print_json(doctor);
	else
		doctor_print(doctor);
	if (doctor_findings(doctor))
		return EXIT_FINDING;
	/* Whoever asked about a process has no answer then. */
	return doctor->own || doctor->maps ? EXIT_FINE : EXIT_IMPOSSIBLE;
}

/* ---- A process ------------------------------------------------------------------------------- */

static int count(struct doctor *doctor, const struct wishes *wishes)
{
	const bool all = !strcmp(wishes->count, "auto");
	int perf = -ECANCELED, error;

	if (!strcmp(wishes->count, "none"))
		return 0;
	if (all || !strcmp(wishes->count, "perf")) {
		perf = doctor_count_perf(doctor->process, wishes->seconds, &doctor->calls);
		if (perf == 0 || !all) {
			if (perf)
				doctor_unknown(doctor, "time system calls", perf, "perf events");
			return perf;
		}
	}
	/* Stopping somebody's process at each of its calls is not done unasked. */
	if (all && !wishes->has_seconds) {
		doctor_unknown(doctor, "time system calls", 0,
		               "not counted: perf events: %s; --seconds 1 counts with ptrace, which "
		               "slows the process down", strerror(-perf));
		return perf;
	}
	error = doctor_count_ptrace(doctor->process, wishes->seconds, &guard, &doctor->calls);
	if (error)
		doctor_unknown(doctor, "time system calls", error, "ptrace");
	return error;
}

static int examine_process(const char *argument, const struct wishes *wishes)
{
	struct vdk_report report = {0};
	static struct doctor doctor;
	pid_t pid = 0;
	int error, code;

	if (argument && !look_parse_pid(argument, &pid)) {
		tool_error("doctor", "expected the number of a process, found \"%s\"", argument);
		return EXIT_USAGE;
	}
	error = doctor_open(&doctor, wishes->root, argument ? argument : "self", &report);
	if (error) {
		tool_complain("doctor", &report);
		return tool_exit_code(error);
	}
	if (!wishes->root) {
		doctor_try(&doctor.measured);
		if (argument)
			count(&doctor, wishes);
	}
	look_watch("doctor");
	doctor_examine(&doctor);
	look_watch_end();
	code = finish(&doctor, wishes);
	doctor_close(&doctor);
	return code;
}

/* ---- A program ------------------------------------------------------------------------------- */

struct visit {
	struct doctor doctor;
	struct doctor_measured measured;
	bool examined;
};

static void examine_at_end(pid_t pid, const struct doctor_calls *calls, void *context)
{
	struct visit *visit = context;
	char name[16];

	snprintf(name, sizeof(name), "%d", (int)pid);
	if (doctor_open(&visit->doctor, NULL, name, NULL))
		return;
	visit->doctor.measured = visit->measured;
	visit->doctor.calls = *calls;
	look_watch("doctor");
	doctor_examine(&visit->doctor);
	look_watch_end();
	visit->examined = true;
}

static int examine_command(char **argv, const struct wishes *wishes)
{
	struct vdk_report report = {0};
	static struct visit visit;
	struct doctor_run run = {
		.argv = argv,
		.guard = &guard,
		.seconds = wishes->has_seconds ? wishes->seconds : 0,
		.at_end = examine_at_end,
		.context = &visit,
	};
	struct doctor_calls calls;
	int error, code;

	doctor_try(&visit.measured);
	error = doctor_count_run(&run, &calls, &report);
	if (error) {
		if (visit.examined)
			doctor_close(&visit.doctor);
		tool_complain("doctor", &report);
		return tool_exit_code(error);
	}
	if (!visit.examined) {
		tool_error("doctor", "%s: ended before it could be examined", argv[0]);
		return EXIT_SYSTEM;
	}
	code = finish(&visit.doctor, wishes);
	doctor_close(&visit.doctor);
	return code;
}

/* ---- Arguments ------------------------------------------------------------------------------- */

static bool is_way(const char *text)
{
	static const char *const ways[] = {"auto", "perf", "ptrace", "none"};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(text, ways[i]))
			return true;
	tool_error("doctor", "--count: expected auto, perf, ptrace or none, found \"%s\"", text);
	return false;
}

static bool take_seconds(const char *text, struct wishes *wishes)
{
	char *end;

	wishes->seconds = strtod(text, &end);
	wishes->has_seconds = true;
	if (*text && !*end && wishes->seconds >= 0.01 && wishes->seconds <= 86400)
		return true;
	tool_error("doctor", "--seconds: expected a number from 0.01 to 86400, found \"%s\"", text);
	return false;
}

static int take_options(int argc, char **argv, struct wishes *wishes)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},        {"seconds", required_argument, NULL, 's'},
		{"count", required_argument, NULL, 'c'}, {"root", required_argument, NULL, 'r'},
		{"list", no_argument, NULL, 'l'},        {"help", no_argument, NULL, 'h'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "+h", options, NULL)) != -1)
		switch (option) {
		case 'h':
			fputs(help, stdout);
			return -1;
		case 'j':
			wishes->json = true;
			break;
		case 'l':
			wishes->list = true;
			break;
		case 'r':
			wishes->root = optarg;
			break;
		case 'c':
			wishes->count = optarg;
			if (!is_way(optarg))
				return EXIT_USAGE;
			break;
		case 's':
			if (!take_seconds(optarg, wishes))
				return EXIT_USAGE;
			break;
		default:
			return EXIT_USAGE;
		}
	return EXIT_FINE;
}

int cmd_doctor(int argc, char **argv)
{
	struct wishes wishes = {.count = "auto", .seconds = 1};
	const int wrong = take_options(argc, argv, &wishes);
	bool command;

	if (wrong)
		return wrong < 0 ? EXIT_FINE : wrong;
	command = optind < argc && !strcmp(argv[optind - 1], "--");
	if ((!command && argc - optind > 1) || (command && wishes.root)) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	if (wishes.list) {
		doctor_print_list();
		return tool_finish("doctor", EXIT_FINE);
	}
	return tool_finish("doctor", command ? examine_command(argv + optind, &wishes)
	                                     : examine_process(argv[optind], &wishes));
}
