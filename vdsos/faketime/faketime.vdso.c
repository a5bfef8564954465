/* SPDX-License-Identifier: MIT */
/*
 * faketime - other clocks than the kernel's
 *
 * Each function asks the kernel's own for the true time and moves it as the record says. The
 * record is looked at before the true time is read and once more afterwards: the answer is always
 * that of the record which was in force at that moment, so that clocks whose rate changes never
 * show a time twice or run backwards. A try fails only when the record was changed meanwhile.
 *
 *   wall clocks   REALTIME, REALTIME_COARSE, TAI, REALTIME_ALARM, gettimeofday, time: faked
 *   steady ones   MONOTONIC, MONOTONIC_COARSE, MONOTONIC_RAW, BOOTTIME, BOOTTIME_ALARM: true,
 *                 unless the record has FAKETIME_MONOTONIC; they are never stepped
 *   all others    CPU time of processes and threads, dynamic clocks, unknown ids: the kernel's
 *
 * A record that was never written, or that is rewritten without any pause for a thousand tries,
 * means the true time.
 *
 * Nothing is written but the tree's sum of steps, and only where the record asks for it.
 */
#include <vdk/vdso.h>

#include "faketime-math.h"
#include "faketime.page.h"

struct timespec {
	long tv_sec;
	long tv_nsec;
};

struct timeval {
	long tv_sec;
	long tv_usec;
};

/* Clock ids of Linux' <linux/time.h>. */
enum {
	REALTIME = 0,
	MONOTONIC = 1,
	MONOTONIC_RAW = 4,
	REALTIME_COARSE = 5,
	MONOTONIC_COARSE = 6,
	BOOTTIME = 7,
	REALTIME_ALARM = 8,
	BOOTTIME_ALARM = 9,
	TAI = 11
};

#define BIT(id) (1u << (id))
#define WALL_CLOCKS (BIT(REALTIME) | BIT(REALTIME_COARSE) | BIT(REALTIME_ALARM) | BIT(TAI))
#define STEADY_CLOCKS                                                                              \
	(BIT(MONOTONIC) | BIT(MONOTONIC_RAW) | BIT(MONOTONIC_COARSE) | BIT(BOOTTIME) |             \
	 BIT(BOOTTIME_ALARM))

/* A negative id is a large number here. */
static inline bool is_one_of(uint32_t clocks, int32_t clock)
{
	return (uint32_t)clock < 32 && clocks >> clock & 1;
}

static inline uint64_t begin(void)
{
	/* Acquire: the copy's loads stay behind it. */
	return __atomic_load_n(&vdk_record_faketime.sequence, __ATOMIC_ACQUIRE);
}

/*
 * Do steady clocks go at the faked rate? That never changes, so it needs no sequence: the very first
 * record lies in copy 1, and a page that was never written is all zeroes. One load at a constant
 * address, because the kernel's function begins with an lfence, which waits for everything that
 * was begun before it.
 */
static inline bool fakes_steady(void)
{
	return __atomic_load_n(&vdk_record_faketime.copy[1].value.flags, __ATOMIC_RELAXED) &
	       FAKETIME_MONOTONIC;
}

/* Was the record that begin() named in force until now? */
static inline bool holds(uint64_t sequence)
{
	/* The fence keeps the copy's loads, and the true time's, before this second look. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __builtin_expect(
	        __atomic_load_n(&vdk_record_faketime.sequence, __ATOMIC_RELAXED) == sequence, 1);
}

static inline const struct faketime *copy_of(uint64_t sequence)
{
	return &vdk_record_faketime.copy[sequence & 1].value;
}

/* What a wall clock shows beside a constant offset; the sums of a torn record may wrap. */
static inline struct timespec add_offset(const struct faketime *record, const struct timespec *now)
{
	int64_t seconds = (int64_t)((uint64_t)now->tv_sec + (uint64_t)record->offset_seconds);
	int64_t rest = (int64_t)((uint64_t)now->tv_nsec + (uint64_t)record->offset_nanoseconds);

	if (rest >= FAKETIME_SECOND) {
		rest -= FAKETIME_SECOND;
		seconds = (int64_t)((uint64_t)seconds + 1);
	}
	return (struct timespec){seconds, rest};
}

static struct faketime_point turn_steady(const struct faketime *record, int64_t true_pivot,
                                         int64_t fake_pivot, int64_t now, int64_t namespace_offset)
{
	const struct faketime_point zero = {0, 0};
	const int64_t fake =
	        faketime_steady(record, true_pivot, fake_pivot, now - namespace_offset);

	return faketime_add(zero, fake + namespace_offset);
}

static struct faketime_point turn(const struct faketime *record, int32_t clock, int64_t now)
{
	switch (clock) {
	case MONOTONIC:
	case MONOTONIC_COARSE:
		return turn_steady(record, record->true_monotonic, record->fake_monotonic, now,
		                   vdk_process.monotonic_offset);
	case MONOTONIC_RAW:
		return turn_steady(record, record->true_raw, record->fake_raw, now,
		                   vdk_process.monotonic_offset);
	case BOOTTIME:
	case BOOTTIME_ALARM:
		return turn_steady(record, record->true_boottime, record->fake_boottime, now,
		                   vdk_process.boottime_offset);
	case TAI:
		return faketime_add(faketime_wall(record, now - record->tai_ahead),
		                    record->tai_ahead);
	default:
		return faketime_wall(record, now);
	}
}

/* What a faked clock shows when the kernel's says @now. */
static inline struct timespec show(const struct faketime *record, int32_t clock,
                                   const struct timespec *now)
{
	struct faketime_point point;

	if (record->mode == FAKETIME_OFFSET && is_one_of(WALL_CLOCKS, clock))
		return add_offset(record, now);
	if (record->mode != FAKETIME_RATE)
		return *now;
	point = turn(record, clock, faketime_ns(now->tv_sec, now->tv_nsec));
	return (struct timespec){point.seconds, point.nanoseconds};
}

/*
 * Take one step of the tree's. Relaxed: the sum is all there is, each value of it is taken once,
 * and two questions of which one follows the other see it grow. A program that scribbles over it
 * changes what the tree shows; a sum that is changed without any pause is taken as it is.
 *
 * Return: the sum before, ns; 0 in a tree without a state.
 */
static int64_t take_step(int64_t step)
{
	struct faketime_steps *const steps = (struct faketime_steps *)(uintptr_t)vdk_process.state;
	int64_t before, after;

	if (!steps)
		return 0;
	before = __atomic_load_n(&steps->sum, __ATOMIC_RELAXED);
	for (int tries = VDK_READ_TRIES; step && tries > 0; tries--) {
		if (__builtin_add_overflow(before, step, &after))
			after = INT64_MAX;
		if (__atomic_compare_exchange_n(&steps->sum, &before, after, true, __ATOMIC_RELAXED,
		                                __ATOMIC_RELAXED))
			break;
	}
	return before;
}

/*
 * The time in @time with the steps on top. Out of line, and after the record was found in force, so
 * that a question which has to be asked again steps once.
 */
static __attribute__((noinline)) void add_steps(struct timespec *time, int64_t step)
{
	const struct faketime_point point = {time->tv_sec, time->tv_nsec};
	const struct faketime_point moved = faketime_add(point, take_step(step));

	*time = (struct timespec){moved.seconds, moved.nanoseconds};
}

/*
 * From the true time in @time to the faked one, whatever the record says that begin() named before
 * it was read; when that record was replaced, once more. Out of line, so that the usual case needs
 * few registers. A record that was never written is all zeroes, which is FAKETIME_TRUE.
 */
static __attribute__((noinline)) int finish(uint64_t sequence, int32_t clock, struct timespec *time)
{
	for (int tries = VDK_READ_TRIES; tries > 0; tries--) {
		const struct faketime *record = copy_of(sequence);
		const struct timespec shown = show(record, clock, time);
		const bool steps = record->flags & FAKETIME_STEPS;
		const int64_t step = record->step;
		int error;

		if (holds(sequence)) {
			*time = shown;
			if (steps)
				add_steps(time, step);
			return 0;
		}
		sequence = begin();
		error = vdk_chain(clock_gettime)(clock, time);
		if (error)
			return error;
	}
	return 0;
}

static __attribute__((noinline)) int read_steady(int32_t clock, struct timespec *time)
{
	const uint64_t sequence = begin();
	const int error = vdk_chain(clock_gettime)(clock, time);

	return error ? error : finish(sequence, clock, time);
}

/*
 * The usual cases by themselves: a wall clock beside a constant offset. What comes before the
 * kernel's function is one load, and every instruction after it counts: processors read their
 * counter so slowly that they begin nothing else meanwhile. So an offset of whole seconds, which
 * most are, is one load and one addition, and leaves the nanoseconds alone, which are known last.
 */
static inline int read_wall(int32_t clock, struct timespec *time)
{
	const uint64_t sequence = begin();
	const int error = vdk_chain(clock_gettime)(clock, time);
	const struct faketime *record = copy_of(sequence);
	const int64_t whole = record->whole_seconds;

	if (__builtin_expect(error != 0, 0))
		return error;
	if (__builtin_expect(whole != 0, 1)) {
		if (!holds(sequence))
			return finish(sequence, clock, time);
		time->tv_sec = (long)((uint64_t)time->tv_sec + (uint64_t)whole);
		return 0;
	}
	if (__builtin_expect(record->mode == FAKETIME_OFFSET, 1)) {
		const struct timespec shown = add_offset(record, time);

		if (holds(sequence)) {
			*time = shown;
			return 0;
		}
	}
	return finish(sequence, clock, time);
}

/*
 * Steady clocks fall straight through to the kernel's function, with no branch taken before: who
 * measures durations, as each time.Now() of Go does, must not pay for dates.
 */
VDK_FUNCTION(int, clock_gettime, (int32_t clock, struct timespec *time))
{
	if (__builtin_expect(is_one_of(WALL_CLOCKS, clock), 0))
		return read_wall(clock, time);
	if (__builtin_expect(fakes_steady(), 0) && is_one_of(STEADY_CLOCKS, clock))
		return read_steady(clock, time);
	return vdk_chain(clock_gettime)(clock, time);
}

VDK_FUNCTION(int, gettimeofday, (struct timeval *time, struct timezone *zone))
{
	struct timespec now;
	int error;

	if (!time)
		return vdk_chain(gettimeofday)(time, zone);
	error = read_wall(REALTIME, &now);
	if (error)
		return error;
	time->tv_sec = now.tv_sec;
	time->tv_usec = now.tv_nsec / 1000;
	return zone ? vdk_chain(gettimeofday)(NULL, zone) : 0;
}

/* The kernel's time() is that of the coarse clock, which may lag by a tick: so is this. */
VDK_FUNCTION(long, time, (long *seconds))
{
	const uint64_t sequence = begin();
	const int64_t whole = copy_of(sequence)->whole_seconds;
	const long true_seconds = whole ? vdk_chain(time)(NULL) : 0;
	struct timespec now;

	if (whole && holds(sequence)) {
		now.tv_sec = (long)((uint64_t)true_seconds + (uint64_t)whole);
		if (seconds)
			*seconds = now.tv_sec;
		return now.tv_sec;
	}
	if (read_wall(REALTIME_COARSE, &now))
		return vdk_chain(time)(seconds);
	if (seconds)
		*seconds = now.tv_sec;
	return now.tv_sec;
}

/* The true time, for who must not be deceived: deadlines that the kernel keeps, watchdogs, logs. */
VDK_FUNCTION(int, vdk_faketime_true, (int32_t clock, struct timespec *time))
{
	return vdk_chain(clock_gettime)(clock, time);
}
