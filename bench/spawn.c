/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spawn - how long commands take from fork to exit, beside each other
 *
 *   spawn [--rounds N] [--cpu N] :NAME COMMAND... [:NAME[/BASE] COMMAND...]...
 *
 * One round runs every command once, forwards in even rounds and backwards in odd ones, and reads
 * the clock before the spawn and after the wait. So each command is held against its BASE (the
 * first one, unless named) by ratios and differences of runs that directly follow each other.
 *
 * A command that fails ends the measurement: a failure that is fast must not pass for a figure.
 *
 * By default nothing is pinned to a CPU: where the scheduler puts a program and its supervisor is
 * part of what is measured.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "measure/command.h"

#define COMMANDS_MAX 12
#define WARM_UP 3

struct command {
	const char *name;
	char **argv;
	int base;
	double *ms; /* of each round */
};

static struct command commands[COMMANDS_MAX];
static int command_count;

static double run(const struct command *command)
{
	double ms = 0;
	int status = 0;
	const int error = measure_command(command->argv, &ms, &status);

	if (error == -ECHILD) {
		fprintf(stderr, "bench: spawn: %s (%s) ended with status 0x%x\n", command->name,
		        command->argv[0], (unsigned)status);
		exit(3);
	}
	if (error) {
		fprintf(stderr, "bench: spawn: %s: %s\n", command->argv[0], strerror(-error));
		exit(3);
	}
	return ms;
}

/* Cut the arguments into commands: each begins with a word that begins with a colon. */
static void parse(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		struct command *command = &commands[command_count];
		char *slash;

		if (argv[i][0] != ':')
			continue;
		if (command_count == COMMANDS_MAX || i + 1 >= argc) {
			fputs("bench: spawn: too many commands, or an empty one\n", stderr);
			exit(2);
		}
		*command = (struct command){.name = argv[i] + 1, .argv = argv + i + 1};
		slash = strchr(argv[i], '/');
		if (slash)
			*slash = '\0';
		for (int j = 0; slash && j < command_count; j++)
			if (!strcmp(commands[j].name, slash + 1))
				command->base = j;
		command_count++;
		argv[i] = NULL; /* ends the command before */
	}
	if (!command_count) {
		fputs("usage: spawn [--rounds N] [--cpu N] :NAME[/BASE] COMMAND...\n", stderr);
		exit(2);
	}
}

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* As measure_histogram_json(), from values that may be negative. Sorts them. */
static struct json_object *summary(double *values, unsigned count)
{
	static const struct {
		const char *key;
		double share;
	} rows[] = {{"min", 0},    {"p25", 0.25}, {"median", 0.5}, {"p75", 0.75},
	            {"p99", 0.99}, {"p999", 0.999}, {"max", 1}};
	struct json_object *object = json_object_new_object();

	qsort(values, count, sizeof(*values), ascending);
	json_object_object_add(object, "count", json_object_new_int64(count));
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* The smallest value that this share does not exceed. */
		unsigned at = (unsigned)(rows[i].share * count + 0.999999);
		char text[40];

		at = at ? at - 1 : 0;
		snprintf(text, sizeof(text), "%.6g", values[at]);
		json_object_object_add(object, rows[i].key,
		                       json_object_new_double_s(values[at], text));
	}
	return object;
}

static struct json_object *result(const struct command *command, unsigned rounds, double *scratch)
{
	struct json_object *object = json_object_new_object();
	const struct command *base = &commands[command->base];

	json_object_object_add(object, "name", json_object_new_string(command->name));
	if (command != base) {
		json_object_object_add(object, "base", json_object_new_string(base->name));
		for (unsigned i = 0; i < rounds; i++)
			scratch[i] = command->ms[i] / base->ms[i];
		json_object_object_add(object, "ratio", summary(scratch, rounds));
		for (unsigned i = 0; i < rounds; i++)
			scratch[i] = command->ms[i] - base->ms[i];
		json_object_object_add(object, "difference_ms", summary(scratch, rounds));
	}
	memcpy(scratch, command->ms, rounds * sizeof(*scratch));
	json_object_object_add(object, "ms", summary(scratch, rounds));
	return object;
}

static void measure(unsigned rounds)
{
	for (int i = 0; i < command_count; i++)
		commands[i].ms = calloc(rounds, sizeof(double));
	for (int round = -WARM_UP; round < (int)rounds; round++) {
		for (int i = 0; i < command_count; i++) {
			const int at = round & 1 ? command_count - 1 - i : i;
			const double ms = run(&commands[at]);

			if (round >= 0)
				commands[at].ms[round] = ms;
		}
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	        {"rounds", required_argument, NULL, 'r'},
	        {"cpu", required_argument, NULL, 'c'},
	        {0},
	};
	struct json_object *results = json_object_new_array();
	unsigned rounds = 100;
	double *scratch;
	int option;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (option == 'r')
			rounds = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'c')
			bench_pin(atoi(optarg));
		else
			return 2;
	}
	parse(argc - optind, argv + optind);
	measure(rounds);
	scratch = calloc(rounds, sizeof(*scratch));
	for (int i = 0; i < command_count; i++)
		json_object_array_add(results, result(&commands[i], rounds, scratch));
	bench_print(results);
	return 0;
}
