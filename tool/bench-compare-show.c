/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A comparison for a terminal and as JSON. */
#include <stdio.h>

#include <json-c/json.h>

#include "bench-compare.h"
#include "measure/measure.h"

static void print_row(const struct bench_difference *difference)
{
	const struct bench_row *any = difference->any;
	char old[32] = "", new[32] = "", ratio[32] = "";

	if (difference->old)
		bench_number(difference->old->median, old, sizeof(old));
	if (difference->new)
		bench_number(difference->new->median, new, sizeof(new));
	if (difference->ratio > 0)
		snprintf(ratio, sizeof(ratio), "%.3f", difference->ratio);
	printf("%-46.46s %-15s %9s %9s %8s", any->call, bench_way_words[any->way], old, new, ratio);
	if (any->way != BENCH_FLOOR)
		printf("  %s", bench_verdict_names[difference->verdict]);
	putchar('\n');
}

void bench_comparison_print(const struct bench_comparison *comparison)
{
	const struct bench_document *old = comparison->old, *new = comparison->new;
	const unsigned int *const verdicts = comparison->verdicts;

	printf("%-46s %-15s %9s %9s %8s\n", "ns per call, median", "", "old", "new", "ratio");
	for (unsigned int i = 0; i < comparison->count; i++)
		print_row(&comparison->differences[i]);
	if (!comparison->same_machine)
		printf("\nThe machines differ: %s, Linux %s; now %s, Linux %s\n", old->cpu,
		       old->kernel, new->cpu, new->kernel);
	printf("\nThe floors differ by up to %.1f %%: a call must differ by %.1f %%, and in all "
	       "blocks, to count.\n", 100 * (comparison->drift - 1),
	       100 * (comparison->limit - 1));
	printf("verdict: %s (%u slower, %u faster, %u the same, %u unsure)\n",
	       bench_comparison_verdict(comparison), verdicts[BENCH_SLOWER],
	       verdicts[BENCH_FASTER], verdicts[BENCH_SAME], verdicts[BENCH_UNSURE]);
}

static struct json_object *row_json(const struct bench_difference *difference)
{
	const struct bench_row *any = difference->any;
	struct json_object *row = json_object_new_object();

	json_object_object_add(row, "call", json_object_new_string(any->call));
	json_object_object_add(row, "way", json_object_new_string(bench_way_names[any->way]));
	json_object_object_add(row, "old_ns", difference->old
	                                              ? measure_number_json(difference->old->median)
	                                              : NULL);
	json_object_object_add(row, "new_ns", difference->new
	                                              ? measure_number_json(difference->new->median)
	                                              : NULL);
	json_object_object_add(row, "ratio",
	                       difference->ratio > 0 ? measure_number_json(difference->ratio) : NULL);
	json_object_object_add(row, "verdict",
	                       any->way == BENCH_FLOOR
	                               ? NULL
	                               : json_object_new_string(
	                                         bench_verdict_names[difference->verdict]));
	return row;
}

void bench_comparison_json(const struct bench_comparison *comparison)
{
	struct json_object *object = json_object_new_object(), *rows = json_object_new_array();

	for (unsigned int i = 0; i < comparison->count; i++)
		json_object_array_add(rows, row_json(&comparison->differences[i]));
	json_object_object_add(object, "format", json_object_new_string("vdk-bench-comparison"));
	json_object_object_add(object, "version", json_object_new_int(1));
	json_object_object_add(object, "old_date", json_object_new_string(comparison->old->date));
	json_object_object_add(object, "new_date", json_object_new_string(comparison->new->date));
	json_object_object_add(object, "same_machine",
	                       json_object_new_boolean(comparison->same_machine));
	json_object_object_add(object, "drift", measure_number_json(comparison->drift));
	json_object_object_add(object, "limit", measure_number_json(comparison->limit));
	json_object_object_add(object, "rows", rows);
	json_object_object_add(object, "verdict",
	                       json_object_new_string(bench_comparison_verdict(comparison)));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
	                                                    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}
