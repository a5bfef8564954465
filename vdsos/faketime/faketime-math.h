/* SPDX-License-Identifier: MIT */
#ifndef FAKETIME_MATH_H
#define FAKETIME_MATH_H

/*
 * The arithmetic of struct faketime, for the image and for whoever writes its record: both must
 * round alike, or a change of the rate would show.
 *
 * Nothing here overflows, whatever the values: results that do not fit stay at the limit.
 */

#include <stdint.h>

#include "faketime.page.h"

#define FAKETIME_SECOND INT64_C(1000000000)

/* A point in time: seconds and 0 to 999,999,999 ns. */
struct faketime_point {
	int64_t seconds;
	int64_t nanoseconds;
};

/* Seconds and nanoseconds as ns, at most those of the year 2262. */
static inline int64_t faketime_ns(int64_t seconds, int64_t nanoseconds)
{
	int64_t ns;

	if (__builtin_expect(__builtin_mul_overflow(seconds, FAKETIME_SECOND, &ns) ||
	                             __builtin_add_overflow(ns, nanoseconds, &ns),
	                     0))
		return seconds < 0 ? INT64_MIN : INT64_MAX;
	return ns;
}

/*
 * The way that a faked clock goes while the true one goes from @pivot to @now. Rounded downwards
 * on both sides of the pivot, so that it never runs backwards. 292 years is as far as it goes.
 */
static inline int64_t faketime_way(const struct faketime *record, int64_t pivot, int64_t now)
{
	const __int128 way = (__int128)now - pivot;
	const uint64_t rate = way < 0 ? record->rate_before : record->rate_after;
	/* |way| < 2^64 and rate < 2^63: the product fits. */
	const __int128 scaled = (way * (int64_t)rate) >> FAKETIME_RATE_BITS;

	if (__builtin_expect(scaled > INT64_MAX, 0))
		return INT64_MAX;
	return __builtin_expect(scaled < INT64_MIN, 0) ? INT64_MIN : (int64_t)scaled;
}

/* @point and so many ns; seconds are far from their limits. */
static inline struct faketime_point faketime_add(struct faketime_point point, int64_t ns)
{
	int64_t seconds = ns / FAKETIME_SECOND, rest = ns % FAKETIME_SECOND;

	if (rest < 0) {
		rest += FAKETIME_SECOND;
		seconds--;
	}
	rest += point.nanoseconds;
	if (rest >= FAKETIME_SECOND) {
		rest -= FAKETIME_SECOND;
		seconds++;
	}
	point.seconds = (int64_t)((uint64_t)point.seconds + (uint64_t)seconds);
	point.nanoseconds = rest;
	return point;
}

/* What the wall clock shows when the true one says @now. */
static inline struct faketime_point faketime_wall(const struct faketime *record, int64_t now)
{
	const struct faketime_point pivot = {record->fake_seconds, record->fake_nanoseconds};

	return faketime_add(pivot, faketime_way(record, record->true_wall, now));
}

/* The same for a clock that is not stepped: its pivot's true and faked value, ns. */
static inline int64_t faketime_steady(const struct faketime *record, int64_t true_pivot,
                                      int64_t fake_pivot, int64_t now)
{
	int64_t sum;

	if (__builtin_add_overflow(fake_pivot, faketime_way(record, true_pivot, now), &sum))
		return fake_pivot < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

#endif
