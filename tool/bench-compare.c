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
#include "bench-compare.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MIN_NS 0.5

const char *const bench_verdict_names[BENCH_VERDICTS] = {"same", "slower", "faster", "unsure",
                                                         "only in the old", "only in the new"};

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

static enum bench_verdict judge(const struct bench_comparison *comparison, const struct bench_row *old,
                          const struct bench_row *new)
{
	double old_low, old_high, new_low, new_high;
	const double ratio = ratio_of(old, new);
	bool apart;

	if (fabs(new->median - old->median) < MIN_NS)
		return BENCH_SAME;
	if (ratio <= comparison->limit && ratio >= 1 / comparison->limit)
		return BENCH_SAME;
	spread(old, &old_low, &old_high);
	spread(new, &new_low, &new_high);
	apart = new_low > old_high || old_low > new_high;
	return !apart ? BENCH_UNSURE : ratio > 1 ? BENCH_SLOWER : BENCH_FASTER;
}

static void add(struct bench_comparison *comparison, const struct bench_row *old,
                const struct bench_row *new)
{
	struct bench_difference *difference = &comparison->differences[comparison->count++];

	*difference = (struct bench_difference){.old = old, .new = new, .any = old ? old : new};
	if (old && new && isfinite(ratio_of(old, new)))
		difference->ratio = ratio_of(old, new);
	if (difference->any->way == BENCH_FLOOR)
		return;
	difference->verdict = !old   ? BENCH_ONLY_NEW
	                      : !new ? BENCH_ONLY_OLD
	                             : judge(comparison, old, new);
	comparison->verdicts[difference->verdict]++;
}

int bench_compare(const struct bench_document *old, const struct bench_document *new,
                  double max_ratio, struct bench_comparison *ret_comparison)
{
	struct bench_comparison comparison = {.old = old, .new = new};

	comparison.drift = find_drift(old, new);
	comparison.limit = max_ratio * comparison.drift;
	comparison.same_machine = !strcmp(old->cpu, new->cpu) && !strcmp(old->kernel, new->kernel);
	comparison.differences = calloc(old->row_count + new->row_count + 1,
	                                sizeof(*comparison.differences));
	if (!comparison.differences)
		return -ENOMEM;
	for (unsigned int i = 0; i < old->row_count; i++)
		add(&comparison, &old->rows[i],
		    bench_document_row(new, old->rows[i].call, old->rows[i].way));
	for (unsigned int i = 0; i < new->row_count; i++)
		if (!bench_document_row(old, new->rows[i].call, new->rows[i].way))
			add(&comparison, NULL, &new->rows[i]);
	*ret_comparison = comparison;
	return 0;
}

void bench_comparison_clear(struct bench_comparison *comparison)
{
	free(comparison->differences);
	*comparison = (struct bench_comparison){0};
}

const char *bench_comparison_verdict(const struct bench_comparison *comparison)
{
	return comparison->verdicts[BENCH_SLOWER]   ? "slower"
	       : comparison->verdicts[BENCH_FASTER] ? "faster"
	                                            : "no difference";
}
