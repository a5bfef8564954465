/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "clock.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

static int64_t true_ns(clockid_t clock)
{
	struct timespec now = {0};

	syscall(SYS_clock_gettime, clock, &now);
	return faketime_ns(now.tv_sec, now.tv_nsec);
}

/* What this process's time namespace adds to the two clocks that have offsets. */
static void namespace_offsets(int64_t *ret_monotonic, int64_t *ret_boottime)
{
	vdk_cleanup_fclose FILE *file = fopen("/proc/self/timens_offsets", "re");
	long long seconds, ns;
	char clock[32];

	*ret_monotonic = *ret_boottime = 0;
	/* Names in current kernels, numbers in 5.6. */
	while (file && fscanf(file, "%31s %lld %lld", clock, &seconds, &ns) == 3) {
		if (clock[0] == 'm' || clock[0] == '1')
			*ret_monotonic = faketime_ns(seconds, ns);
		else if (clock[0] == 'b' || clock[0] == '7')
			*ret_boottime = faketime_ns(seconds, ns);
	}
}

void faketime_clock_now(struct faketime_now *ret)
{
	int64_t monotonic, boottime;

	namespace_offsets(&monotonic, &boottime);
	ret->wall = true_ns(CLOCK_REALTIME);
	/* Whole seconds lie between the two, so that their order does not matter. */
	ret->tai_ahead = (true_ns(CLOCK_TAI) - ret->wall + FAKETIME_SECOND / 2) / FAKETIME_SECOND *
	                 FAKETIME_SECOND;
	ret->monotonic = true_ns(CLOCK_MONOTONIC) - monotonic;
	ret->raw = true_ns(CLOCK_MONOTONIC_RAW) - monotonic;
	ret->boottime = true_ns(CLOCK_BOOTTIME) - boottime;
	ret->steps = 0;
}

/* While every clock goes at rate 1 and only wall clocks are wrong, there is a faster way. */
static void simplify(struct faketime *record)
{
	const struct faketime_point zero = {record->fake_seconds, record->fake_nanoseconds};
	struct faketime_point offset;

	record->mode = FAKETIME_RATE;
	record->whole_seconds = 0;
	if (record->flags & FAKETIME_STEPS)
		return;
	if (record->rate_before != FAKETIME_RATE_ONE || record->rate_after != FAKETIME_RATE_ONE)
		return;
	if (record->flags & FAKETIME_MONOTONIC &&
	    (record->true_monotonic != record->fake_monotonic || record->true_raw != record->fake_raw ||
	     record->true_boottime != record->fake_boottime))
		return;
	offset = faketime_add(zero, -record->true_wall);
	record->mode = FAKETIME_OFFSET;
	record->offset_seconds = offset.seconds;
	record->offset_nanoseconds = offset.nanoseconds;
	if (!offset.nanoseconds)
		record->whole_seconds = offset.seconds;
}

static void true_pivot(struct faketime *record, const struct faketime_now *now)
{
	record->tai_ahead = now->tai_ahead;
	record->true_wall = now->wall;
	record->true_monotonic = now->monotonic;
	record->true_raw = now->raw;
	record->true_boottime = now->boottime;
}

void faketime_clock_start(struct faketime *ret_record, const struct faketime_spec *spec,
                          const struct faketime_now *now, bool monotonic)
{
	/* A clock that steps stands still between its steps, unless it was given a rate. */
	const uint64_t usual = spec->has_step ? 0 : FAKETIME_RATE_ONE;
	struct faketime record = {
	        .flags = (monotonic ? FAKETIME_MONOTONIC : 0) |
	                 (spec->has_step ? FAKETIME_STEPS : 0),
	        .rate_running = spec->has_rate && spec->rate ? spec->rate : usual,
	        .rate_after = spec->has_rate ? spec->rate : usual,
	        .step_running = spec->step,
	        .step = spec->step,
	};
	const struct faketime_point wall = faketime_add((struct faketime_point){0, 0}, now->wall);

	if (spec->frozen)
		record.rate_after = record.step = 0;
	/* Nothing was shown before: also what lags behind the pivot goes at the rate after it. */
	record.rate_before = record.rate_after;
	true_pivot(&record, now);
	record.fake_seconds = wall.seconds;
	record.fake_nanoseconds = wall.nanoseconds;
	record.fake_monotonic = now->monotonic;
	record.fake_raw = now->raw;
	record.fake_boottime = now->boottime;
	simplify(&record);
	if (spec->when != FAKETIME_KEEP)
		faketime_clock_set(&record, spec, now);
	*ret_record = record;
}

struct faketime_point faketime_clock_wall(const struct faketime *record,
                                          const struct faketime_now *now)
{
	if (record->mode == FAKETIME_TRUE)
		return faketime_add((struct faketime_point){0, 0}, now->wall);
	return faketime_add(faketime_wall(record, now->wall), now->steps);
}

uint64_t faketime_clock_rate(const struct faketime *record)
{
	return record->mode == FAKETIME_RATE ? record->rate_after : FAKETIME_RATE_ONE;
}

void faketime_clock_walk(struct faketime *record, int64_t step)
{
	record->step = step;
	if (step)
		record->step_running = step;
}

void faketime_clock_step(struct faketime *record, int64_t seconds, int64_t nanoseconds)
{
	struct faketime_point pivot = {record->fake_seconds + seconds, record->fake_nanoseconds};

	pivot = faketime_add(pivot, nanoseconds);
	record->fake_seconds = pivot.seconds;
	record->fake_nanoseconds = pivot.nanoseconds;
	simplify(record);
}

void faketime_clock_set(struct faketime *record, const struct faketime_spec *spec,
                        const struct faketime_now *now)
{
	const struct faketime_point shown = faketime_clock_wall(record, now);
	struct faketime_point wanted = {spec->seconds, spec->nanoseconds};
	__int128 way;

	if (spec->when == FAKETIME_BESIDE)
		wanted = faketime_add(wanted, now->wall);
	if (record->true_wall > now->wall) {
		/* Together with a change of the rate: what is set is right once that holds. */
		way = ((__int128)(record->true_wall - now->wall) * (int64_t)record->rate_after) >>
		      FAKETIME_RATE_BITS;
		wanted = faketime_add(faketime_add(wanted, (int64_t)way), -now->steps);
		record->fake_seconds = wanted.seconds;
		record->fake_nanoseconds = wanted.nanoseconds;
		return;
	}
	faketime_clock_step(record, wanted.seconds - shown.seconds,
	                    wanted.nanoseconds - shown.nanoseconds);
}

void faketime_clock_settle(struct faketime *record)
{
	record->rate_before = record->rate_after;
	simplify(record);
}

/*
 * The way to the next pivot, rounded upwards where images round downwards. What they show before
 * the new pivot is then at least what they showed by the old one; rounded down it could be a
 * nanosecond less, and a clock would have run backwards.
 */
static int64_t way_to(const struct faketime *record, int64_t pivot, int64_t then)
{
	const uint64_t rate = then < pivot ? record->rate_before : record->rate_after;
	const unsigned __int128 product =
	        (unsigned __int128)((__int128)then - pivot) * (unsigned __int128)rate;
	const int64_t way = faketime_way(record, pivot, then);
	const bool exact = !(product & (FAKETIME_RATE_ONE - 1));

	return exact || way == INT64_MAX ? way : way + 1;
}

static int64_t steady_then(const struct faketime *record, int64_t pivot, int64_t fake, int64_t then)
{
	int64_t sum;

	if (__builtin_add_overflow(fake, way_to(record, pivot, then), &sum))
		return fake < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

void faketime_clock_turn(struct faketime *record, uint64_t rate, const struct faketime_now *now,
                         int64_t lead)
{
	const struct faketime_now then = {
	        .wall = now->wall + lead,
	        .tai_ahead = now->tai_ahead,
	        .monotonic = now->monotonic + lead,
	        .raw = now->raw + lead,
	        .boottime = now->boottime + lead,
	};
	const struct faketime_point pivot = {record->fake_seconds, record->fake_nanoseconds};
	const struct faketime_point wall =
	        faketime_add(pivot, way_to(record, record->true_wall, then.wall));

	record->fake_monotonic = steady_then(record, record->true_monotonic,
	                                     record->fake_monotonic, then.monotonic);
	record->fake_raw = steady_then(record, record->true_raw, record->fake_raw, then.raw);
	record->fake_boottime = steady_then(record, record->true_boottime,
	                                    record->fake_boottime, then.boottime);
	record->fake_seconds = wall.seconds;
	record->fake_nanoseconds = wall.nanoseconds;
	true_pivot(record, &then);
	record->rate_before = record->rate_after;
	record->rate_after = rate;
	if (rate)
		record->rate_running = rate;
	simplify(record);
}
