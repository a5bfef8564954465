/* SPDX-License-Identifier: MIT */
#ifndef FAKETIME_PAGE_H
#define FAKETIME_PAGE_H

#include <vdk/record.h>

/* How the faked clocks follow the true ones: struct faketime's `mode`. */
#define FAKETIME_TRUE 0   /* not at all: every clock is true */
#define FAKETIME_OFFSET 1 /* wall clocks lie a constant offset beside the true ones */
#define FAKETIME_RATE 2   /* clocks turn about the pivot, see below */

/* `flags` */
#define FAKETIME_MONOTONIC 1 /* monotonic clocks keep the rate too */
#define FAKETIME_STEPS 2     /* questions move the clocks, see `step`; then mode is FAKETIME_RATE */

/* Rates are fixed-point numbers with so many bits behind the point; this is rate 1. */
#define FAKETIME_RATE_BITS 40
#define FAKETIME_RATE_ONE (UINT64_C(1) << FAKETIME_RATE_BITS)

/*
 * The pivot is a moment for which both the true and the faked value of every clock are written
 * down. A true time t is shown as
 *
 *     faked + (t - true) * (t < true ? rate_before : rate_after)
 *
 * Both slopes meet in the pivot. So a rate is changed without a jump, for all programs at the same
 * moment, by a record whose pivot still lies in the future: until then it says the same as the
 * record before it. A freeze is rate 0.
 *
 * Pivots of clocks that a time namespace shifts are those of the initial namespace.
 *
 * With FAKETIME_STEPS each question for a faked clock moves all of them by `step`: it adds that to
 * struct faketime_steps, which the tree's programs share, and shows the sum of all steps before it
 * on top of the above.
 */
struct faketime {
	uint32_t mode;
	uint32_t flags;
	int64_t offset_seconds; /* FAKETIME_OFFSET: added to wall clocks */
	int64_t offset_nanoseconds; /* 0 to 999,999,999 */
	int64_t whole_seconds; /* the offset, where there is one without nanoseconds; otherwise 0 */

	uint64_t rate_before;
	uint64_t rate_after;
	uint64_t rate_running; /* what a resume goes back to; not read by images, as the next */
	int64_t step_running;
	int64_t step;          /* ns per question, 0 or more */
	int64_t tai_ahead;     /* of CLOCK_REALTIME, ns */
	int64_t true_wall;     /* ns, as the other true values */
	int64_t fake_seconds;  /* of the wall clock: ns would end in the year 2262 */
	int64_t fake_nanoseconds; /* 0 to 999,999,999 */
	int64_t true_monotonic;
	int64_t fake_monotonic;
	int64_t true_raw;
	int64_t fake_raw;
	int64_t true_boottime;
	int64_t fake_boottime;
};
VDK_RECORD(faketime);

/*
 * What the programs of a tree write themselves, at the beginning of its state (vdk/format.h): the
 * sum of all steps, ns. It stays at INT64_MAX, 292 years. Read and written by one atomic access.
 */
struct faketime_steps {
	int64_t sum;
};

#endif
