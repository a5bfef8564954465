/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two results side by side, and whether they differ.
 *
 * A run is cut into blocks, and each block has a median. A call is said to be slower or faster when
 * all of this holds:
 *
 *   1. the middle nine tenths of the block medians of the two runs do not overlap: neither run was
 *      ever as the other one is;
 *   2. the medians differ by more than the limit, which is --max-ratio times what the floors of the
 *      two runs differ by. The floors are the same instructions in both: what they changed by is
 *      the machine's doing (frequency, a neighbour on the same core), not the call's;
 *   3. they differ by at least MIN_NS: less is the place of an instruction in a cache line.
 *
 * "unsure": beyond the limit, but the runs overlap. Floors themselves get no verdict.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "bench-document.h"
#include "measure/measure.h"
#include "vdk.h"

#define MIN_NS 0.5

enum verdict { SAME, SLOWER, FASTER, UNSURE, ONLY_OLD, ONLY_NEW };
static const char *const verdict_names[] = {"same", "slower", "faster", "unsure", "only in the old",
                                            "only in the new"};

struct comparison {
	double drift, limit;
	bool json;
	struct json_object *rows;
	unsigned int counts[6];
};

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The middle nine tenths of a row's block medians. */
static void spread(const struct bench_row *row, double *ret_low, double *ret_high)
{
	double sorted[BENCH_BLOCKS_MAX];
	const unsigned int cut = row->block_count / 20;

	memcpy(sorted, row->blocks, row->block_count * sizeof(sorted[0]));
	qsort(sorted, row->block_count, sizeof(sorted[0]), ascending);
	*ret_low = sorted[cut];
	*ret_high = sorted[row->block_count - 1 - cut];
}

static double ratio_of(const struct bench_row *old, const struct bench_row *new)
{
	return old->median > 0 ? new->median / old->median : new->median > 0 ? HUGE_VAL : 1;
}

/* How much the machine itself changed: the floor that changed most, up or down. */
static double find_drift(const struct bench_document *old, const struct bench_document *new)
{
	double drift = 1;

	for (unsigned int i = 0; i < old->row_count; i++) {
		const struct bench_row *a = &old->rows[i], *b;
		double ratio;

		/* Under MIN_NS a quotient says nothing. */
		if (a->way != BENCH_FLOOR || a->median < MIN_NS)
			continue;
		b = bench_document_row(new, a->call, BENCH_FLOOR);
		ratio = b && b->median > 0 ? ratio_of(a, b) : 1;
		if (ratio < 1)
			ratio = 1 / ratio;
		if (ratio > drift)
			drift = ratio;
	}
	return drift;
}

static enum verdict judge(const struct comparison *comparison, const struct bench_row *old,
                          const struct bench_row *new)
{
	double old_low, old_high, new_low, new_high;
	const double ratio = ratio_of(old, new);
	bool apart;

	if (fabs(new->median - old->median) < MIN_NS)
		return SAME;
	if (ratio <= comparison->limit && ratio >= 1 / comparison->limit)
		return SAME;
	spread(old, &old_low, &old_high);
	spread(new, &new_low, &new_high);
	apart = new_low > old_high || old_low > new_high;
	return !apart ? UNSURE : ratio > 1 ? SLOWER : FASTER;
}

static void tell(struct comparison *comparison, const struct bench_row *old,
                 const struct bench_row *new)
{
	const struct bench_row *any = old ? old : new;
	const enum verdict verdict = !old   ? ONLY_NEW
	                             : !new ? ONLY_OLD
	                             : any->way == BENCH_FLOOR ? SAME
	                                    : judge(comparison, old, new);
	const double ratio = old && new ? ratio_of(old, new) : 0;
	char a[32] = "", b[32] = "", c[32] = "";

	if (any->way != BENCH_FLOOR)
		comparison->counts[verdict]++;
	if (comparison->rows) {
		struct json_object *row = json_object_new_object();

		json_object_object_add(row, "call", json_object_new_string(any->call));
		json_object_object_add(row, "way",
		                       json_object_new_string(bench_way_names[any->way]));
		json_object_object_add(row, "old_ns", old ? measure_number_json(old->median) : NULL);
		json_object_object_add(row, "new_ns", new ? measure_number_json(new->median) : NULL);
		json_object_object_add(row, "ratio", isfinite(ratio) && ratio > 0
		                                             ? measure_number_json(ratio) : NULL);
		json_object_object_add(row, "verdict",
		                       any->way == BENCH_FLOOR
		                               ? NULL : json_object_new_string(verdict_names[verdict]));
		json_object_array_add(comparison->rows, row);
		return;
	}
	if (old)
		bench_number(old->median, a, sizeof(a));
	if (new)
		bench_number(new->median, b, sizeof(b));
	if (ratio > 0)
		snprintf(c, sizeof(c), "%.3f", ratio);
	printf("%-46.46s %-15s %9s %9s %8s  %s\n", any->call, bench_way_words[any->way], a, b, c,
	       any->way == BENCH_FLOOR ? "" : verdict_names[verdict]);
}

static void tell_all(struct comparison *comparison, const struct bench_document *old,
                     const struct bench_document *new)
{
	for (unsigned int i = 0; i < old->row_count; i++)
		tell(comparison, &old->rows[i],
		     bench_document_row(new, old->rows[i].call, old->rows[i].way));
	for (unsigned int i = 0; i < new->row_count; i++)
		if (!bench_document_row(old, new->rows[i].call, new->rows[i].way))
			tell(comparison, NULL, &new->rows[i]);
}

static bool other_machine(const struct bench_document *old, const struct bench_document *new)
{
	return strcmp(old->cpu, new->cpu) != 0 || strcmp(old->kernel, new->kernel) != 0;
}

static void print_json(struct comparison *comparison, const struct bench_document *old,
                       const struct bench_document *new, const char *verdict)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "format", json_object_new_string("vdk-bench-comparison"));
	json_object_object_add(object, "version", json_object_new_int(1));
	json_object_object_add(object, "old_date", json_object_new_string(old->date));
	json_object_object_add(object, "new_date", json_object_new_string(new->date));
	json_object_object_add(object, "same_machine",
	                       json_object_new_boolean(!other_machine(old, new)));
	json_object_object_add(object, "drift", measure_number_json(comparison->drift));
	json_object_object_add(object, "limit", measure_number_json(comparison->limit));
	json_object_object_add(object, "rows", comparison->rows);
	json_object_object_add(object, "verdict", json_object_new_string(verdict));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
	                                                    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

int bench_compare(const struct bench_document *old, const struct bench_document *new,
                  double max_ratio, bool json)
{
	struct comparison comparison = {.drift = find_drift(old, new), .json = json};
	const unsigned int *const counts = comparison.counts;
	const char *verdict;

	comparison.limit = max_ratio * comparison.drift;
	if (json)
		comparison.rows = json_object_new_array();
	else
		printf("%-46s %-15s %9s %9s %8s\n", "ns per call, median", "", "old", "new", "ratio");
	tell_all(&comparison, old, new);
	verdict = counts[SLOWER] ? "slower" : counts[FASTER] ? "faster" : "no difference";
	if (json) {
		print_json(&comparison, old, new, verdict);
		return counts[SLOWER] ? EXIT_FINDING : EXIT_FINE;
	}
	if (other_machine(old, new))
		printf("\nThe machines differ: %s, Linux %s; now %s, Linux %s\n", old->cpu,
		       old->kernel, new->cpu, new->kernel);
	printf("\nThe floors differ by up to %.1f %%: a call must differ by %.1f %%, and in all "
	       "blocks, to count.\n", 100 * (comparison.drift - 1), 100 * (comparison.limit - 1));
	printf("verdict: %s (%u slower, %u faster, %u the same, %u unsure)\n", verdict,
	       counts[SLOWER], counts[FASTER], counts[SAME], counts[UNSURE]);
	return counts[SLOWER] ? EXIT_FINDING : EXIT_FINE;
}
