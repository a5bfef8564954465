/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "faketime-control.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "faketime/clock.h"
#include "faketime/tree.h"
#include "vdk.h"

/* ---- Showing ----------------------------------------------------------------------------- */

/* A number with as many digits as it takes to tell it from its neighbours that people write. */
static const char *number_text(double number, char text[32])
{
	char *end;

	snprintf(text, 32, "%.9f", number);
	end = text + strlen(text);
	while (end[-1] == '0')
		*--end = '\0';
	if (end[-1] == '.')
		end[-1] = '\0';
	return text;
}

static const char *date_text(const struct faketime_point *point, char text[64])
{
	const time_t seconds = point->seconds;
	struct tm date;
	char zone[8];

	if (!localtime_r(&seconds, &date)) {
		snprintf(text, 64, "@%" PRId64, point->seconds);
		return text;
	}
	strftime(zone, sizeof(zone), "%z", &date);
	snprintf(text, 64, "%04d-%02d-%02d %02d:%02d:%02d.%09" PRId64 " %s", date.tm_year + 1900,
	         date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec,
	         point->nanoseconds, zone);
	return text;
}

static void show(const char *id, const struct faketime *record, int64_t steps, uint64_t pid,
                 bool json)
{
	const bool monotonic = record->flags & FAKETIME_MONOTONIC;
	const bool has_steps = record->flags & FAKETIME_STEPS;
	const uint64_t rate = faketime_clock_rate(record);
	struct faketime_point wall;
	struct faketime_now now;
	char date[64], pace[32], step[32];

	faketime_clock_now(&now);
	now.steps = steps;
	wall = faketime_clock_wall(record, &now);
	date_text(&wall, date);
	number_text((double)rate / (double)FAKETIME_RATE_ONE, pace);
	number_text((double)record->step / (double)FAKETIME_SECOND, step);
	if (json)
		printf("{\"id\": \"%s\", \"pid\": %" PRIu64 ", \"date\": \"%s\", \"seconds\": %" PRId64
		       ", \"nanoseconds\": %" PRId64 ", \"rate\": %s, \"step\": %s, "
		       "\"monotonic\": %s}",
		       id, pid, date, wall.seconds, wall.nanoseconds, pace,
		       has_steps ? step : "null", monotonic ? "true" : "false");
	else
		printf("%-12s %s  x%s%s%s%s%s  pid %" PRIu64 "\n", id, date, pace,
		       has_steps ? " i" : "", has_steps ? step : "",
		       rate || record->step ? "" : " (frozen)", monotonic ? "  monotonic too" : "",
		       pid);
}

int faketime_list(bool json)
{
	vdk_cleanup_free char **names = NULL;
	struct vdk_report report = {0};
	struct faketime record;
	int error, count = 0;
	int64_t steps;
	uint64_t pid;

	faketime_tree_collect(NULL);
	error = vdk_publication_names(&names, &report);
	if (error < 0) {
		tool_complain("faketime", &report);
		return tool_exit_code(error);
	}
	if (json)
		printf("[");
	for (char **name = names; *name; name++) {
		const char *id = *name + sizeof(FAKETIME_PREFIX) - 1;

		if (strncmp(*name, FAKETIME_PREFIX, sizeof(FAKETIME_PREFIX) - 1) ||
		    !faketime_tree_exists(*name) ||
		    faketime_tree_read(id, &record, &steps, &pid, NULL))
			continue;
		if (json && count++)
			printf(",\n ");
		show(id, &record, steps, pid, json);
	}
	if (json)
		printf("]\n");
	return tool_finish("faketime", EXIT_FINE);
}

/* ---- Changing ---------------------------------------------------------------------------- */

/* What is to be done in one update. */
struct order {
	bool turn;     /* to this rate ... */
	bool resume;   /* ... or to the one before a freeze */
	bool stop;     /* no steps any more */
	uint64_t rate;
	bool step;     /* by spec, which is beside the time that is shown ... */
	struct faketime_spec spec; /* ... or to it */
};

static int obey(struct faketime *record, int64_t steps, void *data, struct vdk_report *report)
{
	const struct order *order = data;
	const bool has_steps = record->flags & FAKETIME_STEPS;
	struct faketime_now now;
	uint64_t rate = order->resume ? record->rate_running : order->rate;

	if (order->spec.has_step && !has_steps)
		return vdk_report_set(report, -EOPNOTSUPP, "set",
		                      "this tree has nothing to count steps in (i): it was started "
		                      "without; start it with 'i0' to begin them later");
	faketime_clock_now(&now);
	now.steps = steps;
	if ((order->turn || order->resume) && rate != faketime_clock_rate(record))
		faketime_clock_turn(record, rate, &now, FAKETIME_LEAD);
	if (order->resume)
		faketime_clock_walk(record, record->step_running);
	else if (order->stop || order->spec.has_step)
		faketime_clock_walk(record, order->stop ? 0 : order->spec.step);
	if (order->step)
		faketime_clock_step(record, order->spec.seconds, order->spec.nanoseconds);
	else if (order->spec.when != FAKETIME_KEEP)
		faketime_clock_set(record, &order->spec, &now);
	return 0;
}

/* Words into an order. Return: 0 or an exit code; messages are printed. */
static int read_order(char **words, const struct faketime_reading *reading, struct order *order)
{
	const struct faketime_reading plain = {.advanced = true};
	const char *verb = words[0], *argument = words[0] ? words[1] : NULL;
	struct vdk_report report = {0};
	int error = 0;

	if (!verb) {
		tool_error("faketime", "--control: what is to be done? set SPEC, freeze, resume, "
		                       "step DURATION or show");
		return EXIT_USAGE;
	}
	if ((!strcmp(verb, "set") || !strcmp(verb, "step")) != (argument != NULL) ||
	    (argument && words[2])) {
		tool_error("faketime", "--control: %s: wrong number of arguments", verb);
		return EXIT_USAGE;
	}
	if (!strcmp(verb, "freeze")) {
		order->turn = order->stop = true;
	} else if (!strcmp(verb, "resume")) {
		order->resume = true;
	} else if (!strcmp(verb, "set")) {
		error = faketime_spec_read(argument, reading, &order->spec, &report);
		order->turn = order->spec.has_rate || order->spec.frozen;
		order->rate = order->spec.frozen ? 0 : order->spec.rate;
		order->stop = order->spec.frozen;
	} else if (!strcmp(verb, "step")) {
		error = faketime_spec_read(argument, &plain, &order->spec, &report);
		order->step = true;
		if (!error && (order->spec.when != FAKETIME_BESIDE || order->spec.has_rate ||
		               order->spec.has_step))
			error = vdk_report_set(&report, -EINVAL, argument,
			                       "expected + or - and a duration, such as +90s");
	} else {
		tool_error("faketime", "--control: expected set, freeze, resume, step or show, found "
		                       "'%s'", verb);
		return EXIT_USAGE;
	}
	if (error)
		tool_complain("faketime", &report);
	return tool_exit_code(error);
}

int faketime_control(const char *id, char **words, const struct faketime_reading *reading,
                     bool json)
{
	/* The one verb with an option: words after a verb are otherwise its own. */
	const bool as_json = words[0] && words[1] && !strcmp(words[1], "--json") && !words[2];
	const bool look = words[0] && !strcmp(words[0], "show") && (!words[1] || as_json);
	struct vdk_report report = {0};
	struct order order = {0};
	struct faketime record;
	int64_t steps;
	uint64_t pid;
	int code = look ? 0 : read_order(words, reading, &order);
	int error;

	if (code)
		return code;
	faketime_tree_collect(NULL);
	if (!look) {
		error = faketime_tree_change(id, obey, &order, &report);
	} else {
		error = faketime_tree_read(id, &record, &steps, &pid, &report);
		if (!error)
			show(id, &record, steps, pid, json || as_json);
		if (!error && (json || as_json))
			printf("\n");
	}
	if (error)
		tool_complain("faketime", &report);
	return tool_exit_code(error);
}
