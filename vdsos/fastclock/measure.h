/* SPDX-License-Identifier: MIT */
#ifndef FASTCLOCK_MEASURE_H
#define FASTCLOCK_MEASURE_H

/*
 * measure.h - where the kernel's clocks are and how fast they run, seen from user space
 *
 * A look at the counter, the clock, the counter again: the clock was read somewhere between, so
 * its value at the second look is at least what it said, and at the first one at most that and
 * one ns. Interrupts only make a bracket wider, so the best of many is taken; what is left is the
 * way into and out of the kernel's vDSO, some 40 ns, and is the published error.
 */

#include <stdlib.h>

#include "arch/x86_64/counter.h"
#include "line.h"

#ifndef FASTCLOCK_KERNEL
#define FASTCLOCK_KERNEL "kernel.h"
#endif
#include FASTCLOCK_KERNEL

#define NS 1000000000ll
#define MEASURE_LOOKS 24

static inline int64_t measure_ns(clockid_t clock)
{
	struct timespec now;

	return kernel_gettime(clock, &now) ? INT64_MIN : now.tv_sec * NS + now.tv_nsec;
}

/* CLOCK_MONOTONIC at a counter: between ns and ns + width. */
struct reading {
	uint64_t counter;
	int64_t ns;
	double width; /* ns */
};

/*
 * The greatest lower bound and the least upper bound of all looks, moved to one counter by the
 * slope. The clock is a straight line for the few us that this takes.
 */
static inline void measure_clock(double tick, struct reading *ret)
{
	uint64_t first = 0, before, after;
	double lower = -1e18, upper = 1e18;
	int64_t origin = 0;

	for (int i = 0; i < MEASURE_LOOKS; i++) {
		before = counter_ordered();
		const int64_t ns = measure_ns(CLOCK_MONOTONIC);
		after = counter_ordered();

		if (i == 0) {
			first = after;
			origin = ns;
		}
		const double low = (double)(ns - origin) - tick * (double)(int64_t)(after - first);
		const double high = (double)(ns + 1 - origin) -
		                    tick * (double)(int64_t)(before - first);

		lower = low > lower ? low : lower;
		upper = high < upper ? high : upper;
	}
	/* Rounded outwards: the kernel's multiplier may have changed in between. */
	ret->counter = after;
	lower += tick * (double)(after - first);
	ret->ns = origin + (int64_t)lower - 1;
	ret->width = upper + tick * (double)(after - first) - (double)(ret->ns - origin) + 1;
	if (ret->width < 1)
		ret->width = 1;
}

/* The slope: the way between readings that lie up to some seconds apart. */
#define FIT_SIZE 16
#define FIT_APART 20000000 /* ns between two that are kept */

struct fit {
	struct reading kept[FIT_SIZE];
	unsigned count; /* kept[(count - 1) % FIT_SIZE] is the newest */
	unsigned since; /* the oldest that counts */
	double slope;   /* 2^-30 ns per tick; 0: not known yet */
	double miss;    /* ns: how far the last reading was from where the slope led */
};

static inline double fit_slope(const struct reading *a, const struct reading *b)
{
	return (double)(b->ns - a->ns) * LINE_ONE / (double)(int64_t)(b->counter - a->counter);
}

/* A reading that misses its place by more than measuring explains: the kernel slews. */
static inline void fit_add(struct fit *fit, const struct reading *reading)
{
	const struct reading *last = &fit->kept[(fit->count - 1) % FIT_SIZE];

	if (fit->count && fit->slope > 0) {
		const double elapsed = (double)(int64_t)(reading->counter - last->counter) *
		                       fit->slope / LINE_ONE;

		fit->miss = (double)(reading->ns - last->ns) - elapsed;
		if (fit->miss > 100 + elapsed * 1e-6 || fit->miss < -100 - elapsed * 1e-6)
			fit->since = fit->count - 1;
	}
	if (fit->count && reading->ns - last->ns < FIT_APART)
		return;
	if (fit->count)
		fit->slope = fit_slope(&fit->kept[fit->since % FIT_SIZE], reading);
	fit->kept[fit->count % FIT_SIZE] = *reading;
	fit->count++;
	if (fit->count - fit->since >= FIT_SIZE)
		fit->since = fit->count - FIT_SIZE + 1;
}

/* What other clocks show more than CLOCK_MONOTONIC, ns. */
struct offsets {
	int64_t realtime, boottime, tai;
	int64_t coarse;         /* CLOCK_MONOTONIC_COARSE itself */
	int64_t boottime_above; /* boottime is at most so much more */
};

/*
 * The coarse clocks are those of the last tick: when it is the same tick before and after, the
 * difference is exact, to the ns. REALTIME less MONOTONIC is a whole number of ns in the kernel.
 * Return: false when that could not be had, which takes a tick at each of ten tries.
 */
static inline bool measure_realtime(struct offsets *ret)
{
	for (int i = 0; i < 10; i++) {
		const int64_t before = measure_ns(CLOCK_MONOTONIC_COARSE);
		const int64_t realtime = measure_ns(CLOCK_REALTIME_COARSE);

		if (measure_ns(CLOCK_MONOTONIC_COARSE) != before)
			continue;
		ret->coarse = before;
		ret->realtime = realtime - before;
		return true;
	}
	return false;
}

/* CLOCK_BOOTTIME has no coarse sister: the same interval again and again, cut with each other. */
static inline void measure_boottime(struct offsets *offsets)
{
	int64_t low = INT64_MIN, high = INT64_MAX;

	for (int i = 0; i < 8; i++) {
		const int64_t before = measure_ns(CLOCK_MONOTONIC);
		const int64_t boottime = measure_ns(CLOCK_BOOTTIME);
		const int64_t after = measure_ns(CLOCK_MONOTONIC);

		low = boottime - after - 1 > low ? boottime - after - 1 : low;
		high = boottime - before + 1 < high ? boottime - before + 1 : high;
	}
	offsets->boottime = low;
	offsets->boottime_above = high - low;
	/* Never slept: no time at all, rather than something near it. */
	if (low <= 0 && high >= 0)
		offsets->boottime = offsets->boottime_above = 0;
}

#endif
