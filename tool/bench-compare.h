/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_BENCH_COMPARE_H
#define VDK_TOOL_BENCH_COMPARE_H

/* Two results side by side, and whether they differ: bench-compare.c has the rule. */

#include "bench-document.h"

enum bench_verdict {
	BENCH_SAME,
	BENCH_SLOWER,
	BENCH_FASTER,
	BENCH_UNSURE,
	BENCH_ONLY_OLD,
	BENCH_ONLY_NEW,
	BENCH_VERDICTS
};
extern const char *const bench_verdict_names[BENCH_VERDICTS];

/* One call and way. */
struct bench_difference {
	const struct bench_row *old, *new; /* of the documents; one of them may be NULL */
	const struct bench_row *any;       /* the old one, or the new one where there is no old */
	double ratio;                      /* new to old; 0: only one is there, or old is 0 */
	enum bench_verdict verdict;        /* floors have none, and count as the same */
};

struct bench_comparison {
	const struct bench_document *old, *new;
	bool same_machine;
	double drift, limit; /* what the floors differ by; beyond which a difference counts */
	struct bench_difference *differences;
	unsigned int count;
	unsigned int verdicts[BENCH_VERDICTS]; /* how many, without floors */
};

/* The documents must outlive it. Return: 0; -ENOMEM. */
int bench_compare(const struct bench_document *old, const struct bench_document *new,
                  double max_ratio, struct bench_comparison *ret_comparison);
void bench_comparison_clear(struct bench_comparison *comparison);

/* "slower", "faster" or "no difference": of all calls together. */
const char *bench_comparison_verdict(const struct bench_comparison *comparison);

/* bench-compare-show.c */
void bench_comparison_print(const struct bench_comparison *comparison);
void bench_comparison_json(const struct bench_comparison *comparison);

#endif
