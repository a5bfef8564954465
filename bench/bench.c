/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void need(int result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "bench: %s: %s\n", what, strerror(-result));
	exit(3);
}

int bench_pin(int cpu)
{
	const int chosen = measure_pin(cpu);

	need(chosen, "cannot run on one CPU alone");
	return chosen;
}

void bench_rounds(struct subject *subjects, unsigned count, unsigned rounds)
{
	const struct measure_plan plan = {.rounds = rounds};

	need(measure_rounds(subjects, count, &plan), "cannot measure");
}

struct histogram *bench_histogram(void)
{
	struct histogram *histogram = histogram_new();

	if (!histogram) {
		fputs("bench: no memory for a histogram\n", stderr);
		exit(3);
	}
	return histogram;
}

void bench_print(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
	                                                    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}
