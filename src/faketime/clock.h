/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_FAKETIME_CLOCK_H
#define VDK_FAKETIME_CLOCK_H

/*
 * The record of the faketime image, and what changes it. All times are true ones, asked by system
 * calls: whoever runs this may itself live under a faked time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "faketime-math.h"
#include "faketime/spec.h"

/* Every clock that the record has a pivot for, at one moment; and the tree's steps so far; ns. */
struct faketime_now {
	int64_t wall, tai_ahead, monotonic, raw, boottime;
	int64_t steps; /* 0 in a tree without */
};

/* All but the steps, which are set to 0. */
void faketime_clock_now(struct faketime_now *ret);

/*
 * The record that a tree starts with.
 *
 * @spec: FAKETIME_AT_FILE must have been turned into FAKETIME_AT
 */
void faketime_clock_start(struct faketime *ret_record, const struct faketime_spec *spec,
                          const struct faketime_now *now, bool monotonic);

/* What the wall clock shows at a true moment. */
struct faketime_point faketime_clock_wall(const struct faketime *record,
                                          const struct faketime_now *now);

/* The rate that is in force after the pivot. */
uint64_t faketime_clock_rate(const struct faketime *record);

/* Questions move the clocks by so much, from now on; 0 is a pause. */
void faketime_clock_walk(struct faketime *record, int64_t step);

/* Move the wall clocks by so much, at once. */
void faketime_clock_step(struct faketime *record, int64_t seconds, int64_t nanoseconds);

/* Let them show what @spec says, which is not FAKETIME_KEEP nor FAKETIME_AT_FILE. */
void faketime_clock_set(struct faketime *record, const struct faketime_spec *spec,
                        const struct faketime_now *now);

/*
 * Forget the slope before the pivot. No clock may show a moment before it any more, coarse ones
 * included, which lag by a tick.
 */
void faketime_clock_settle(struct faketime *record);

/*
 * Go on with another rate from a pivot on that lies @lead ns after @now. The record must be
 * published before that moment.
 */
void faketime_clock_turn(struct faketime *record, uint64_t rate, const struct faketime_now *now,
                         int64_t lead);

#endif
