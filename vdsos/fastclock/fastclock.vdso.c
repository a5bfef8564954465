/* SPDX-License-Identifier: MIT */
/*
 * fastclock - clocks from the CPU's counter and a published line, the kernel's where that cannot be
 *
 * The order of a read. The counter's read is three quarters of the whole cost: rdtscp first waits
 * until every earlier load has come back, then takes some 13 ns by itself. So as little as
 * possible stands before it: the sequence, which must, and the owner's choice, a load that waits
 * for no other. All loads of the record stand behind it and are done while the counter is being
 * read. (Tried the other way round: the record's loads depend on the sequence's, rdtscp waits for
 * both in turn, and each call takes 0.5 ns more.) What depends on the counter is kept short: one
 * subtraction, one multiplication, an addition, a shift.
 *
 * The second look at the sequence comes after the counter. A reader that was interrupted between
 * the counter and a look before it would otherwise tell an old REALTIME after somebody else had
 * seen the new one.
 *
 * Whatever the fast way does not cover goes to slow(): lines that were not renewed in time, and
 * the kernel. An answer of the kernel is only given when the record has not changed meanwhile:
 * so every one of them was taken before the next line was published, and that line begins at or
 * above all of them (line.h).
 */
#include <vdk/vdso.h>

#include "fastclock.page.h"

#define NS 1000000000ll
#define TRIES 1000

struct timespec {
	int64_t tv_sec, tv_nsec;
};

struct timeval {
	int64_t tv_sec, tv_usec;
};

enum {
	REALTIME = 0,
	MONOTONIC = 1,
	REALTIME_COARSE = 5,
	MONOTONIC_COARSE = 6,
	BOOTTIME = 7,
	TAI = 11
};

#define SHIFTED_BY_NAMESPACE (1u << MONOTONIC | 1u << BOOTTIME)

#define unlikely(condition) __builtin_expect(!!(condition), 0)

#include "arch/x86_64/counter.h"

/* ---- The record ----------------------------------------------------------------------------- */

static inline uint64_t first_look(void)
{
	return __atomic_load_n(&vdk_record_fastclock.sequence, __ATOMIC_ACQUIRE);
}

/* The fence keeps the record's loads before this one: R3 and R4 of vdk/page.h. */
static inline bool still(uint64_t sequence)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&vdk_record_fastclock.sequence, __ATOMIC_RELAXED) == sequence;
}

static inline const struct fastclock *copy_of(uint64_t sequence)
{
	return &vdk_record_fastclock.copy[sequence & 1].value;
}

/*
 * The owner's choice is the same in both copies and right at any time, so it is looked at in a
 * copy that may just be written: one load, which waits for no other.
 */
static inline bool unordered_is_chosen(void)
{
	return __atomic_load_n(&vdk_record_fastclock.copy[0].value.flags, __ATOMIC_RELAXED) &
	       FASTCLOCK_UNORDERED;
}

/* ---- The slow way --------------------------------------------------------------------------- */

/* 2^-30 ns from `from` to the counter, which lies between `from` and `until`. */
static int64_t on_line(const struct fastclock *c, uint64_t counter)
{
	const uint64_t past = counter - c->from;

	if (past < c->bend)
		return (int64_t)(past * c->before);
	if (past < c->span)
		return c->correction + (int64_t)(past * c->after);
	return c->correction + (int64_t)((uint64_t)c->span * c->after) +
	       (int64_t)((past - c->span) * c->coast);
}

static inline bool vouched_for(const struct fastclock *c, uint64_t counter)
{
	return c->span != 0 && counter - c->from < c->until - c->from;
}

/* Whether this process counts these clocks from another origin than the publisher does. */
static inline bool shifted(uint32_t bit)
{
	if (!(bit & SHIFTED_BY_NAMESPACE))
		return false;
	return unlikely(bit & 1u << BOOTTIME ? vdk_process.boottime_offset
	                                     : vdk_process.monotonic_offset);
}

static __attribute__((noinline)) int slow(int32_t clock, struct timespec *time)
{
	for (int tries = TRIES; tries > 0; tries--) {
		const uint64_t sequence = first_look();
		const struct fastclock *const c = copy_of(sequence);
		const uint64_t counter = counter_ordered();

		if (sequence && !shifted(1u << clock) && vouched_for(c, counter)) {
			const int64_t sec = c->base[clock].sec;
			const uint64_t ns = (c->base[clock].nsec + (uint64_t)on_line(c, counter)) >>
			                    FASTCLOCK_SHIFT;

			if (!still(sequence))
				continue;
			time->tv_sec = sec + (int64_t)(ns / NS);
			time->tv_nsec = (int64_t)(ns % NS);
			return 0;
		} else {
			const int result = vdk_chain(clock_gettime)(clock, time);

			if (result || still(sequence))
				return result;
		}
	}
	return vdk_chain(clock_gettime)(clock, time);
}

/* In ns. CLOCK_REALTIME and CLOCK_MONOTONIC do not fail. */
static __attribute__((noinline)) int64_t slow_ns(int32_t clock)
{
	struct timespec now;

	return slow(clock, &now) ? 0 : now.tv_sec * NS + now.tv_nsec;
}

/* ---- The fast way --------------------------------------------------------------------------- */

/*
 * Ns at the counter, from a base with 30 binary places. `past` is the low half of a difference: it
 * is right where the whole one is below `span`, which good() looks at aside, so that the
 * multiplication need not wait until the counter's halves are put together. The slope is chosen
 * by a branch, which is guessed right but for some 20 times a second; a conditional move would
 * have to be waited for each time.
 */
static inline __attribute__((always_inline)) uint64_t extend(const struct fastclock *c,
                                                             uint64_t base, uint64_t counter)
{
	const uint32_t past = (uint32_t)counter - (uint32_t)c->from;

	if (past >= c->bend) {
		base += (uint64_t)c->correction;
		base += past * (uint64_t)c->after;
		__asm__("" : "+r"(base)); /* keep the branch */
		return base;
	}
	return base + past * (uint64_t)c->before;
}

/* After all loads of the record. One that was never written has no span. */
static inline __attribute__((always_inline)) bool good(const struct fastclock *c,
                                                       uint64_t sequence, uint64_t counter)
{
	return __builtin_expect(counter - c->from < c->span, 1) &&
	       __builtin_expect(still(sequence), 1);
}

/* Seconds and nanoseconds of a fine clock; false: ask slow(). */
static inline __attribute__((always_inline)) bool fast(int32_t clock, int64_t *ret_sec,
                                                       uint32_t *ret_nsec)
{
	const uint64_t sequence = first_look();
	const uint64_t counter = unlikely(unordered_is_chosen()) ? counter_unordered()
	                                                         : counter_ordered();
	const struct fastclock *const c = copy_of(sequence);
	uint64_t ns = extend(c, c->base[clock].nsec, counter) >> FASTCLOCK_SHIFT;
	int64_t sec = c->base[clock].sec;

	if (unlikely(!good(c, sequence, counter) || shifted(1u << clock)))
		return false;
	/* `sec` is the second in which the line began, and lines are short. */
	while (unlikely(ns >= NS)) {
		ns -= NS;
		sec++;
	}
	*ret_sec = sec;
	*ret_nsec = (uint32_t)ns;
	return true;
}

static inline __attribute__((always_inline)) int fine(int32_t clock, struct timespec *time)
{
	uint32_t nsec;
	int64_t sec;

	if (unlikely(!fast(clock, &sec, &nsec)))
		return slow(clock, time);
	time->tv_sec = sec;
	time->tv_nsec = nsec;
	return 0;
}

/* The coarse clocks, without a look at the counter; false: ask the kernel. */
static inline __attribute__((always_inline)) bool coarse(bool realtime, int64_t *ret_sec,
                                                         int64_t *ret_nsec)
{
	const uint64_t sequence = __atomic_load_n(&vdk_record_fastclock_coarse.sequence,
	                                          __ATOMIC_ACQUIRE);
	const struct fastclock_coarse *const c =
	        &vdk_record_fastclock_coarse.copy[sequence & 1].value;
	const uint32_t nsec = realtime ? c->realtime_nsec : c->monotonic_nsec;

	*ret_sec = realtime ? c->realtime_sec : c->monotonic_sec;
	*ret_nsec = (int64_t)(nsec - 1);
	__atomic_thread_fence(__ATOMIC_ACQUIRE); /* as in still() */
	return nsec && __atomic_load_n(&vdk_record_fastclock_coarse.sequence, __ATOMIC_RELAXED) ==
	                       sequence;
}

/* Functions of their own, so that none saves registers that only another one needs. */
static __attribute__((noinline)) int gettime_realtime(struct timespec *time)
{
	return fine(REALTIME, time);
}

static __attribute__((noinline)) int gettime_any(int32_t clock, struct timespec *time)
{
	return fine(clock, time);
}

static __attribute__((noinline)) int gettime_monotonic(struct timespec *time)
{
	return fine(MONOTONIC, time);
}

VDK_FUNCTION(int, clock_gettime, (int32_t clock, struct timespec *time))
{
	int64_t sec, nsec;

	if (clock == MONOTONIC)
		return gettime_monotonic(time);
	if (clock == REALTIME)
		return gettime_realtime(time);
	if (clock == MONOTONIC_COARSE ? coarse(false, &sec, &nsec) && !shifted(1u << MONOTONIC)
	                              : clock == REALTIME_COARSE && coarse(true, &sec, &nsec)) {
		time->tv_sec = sec;
		time->tv_nsec = nsec;
		return 0;
	}
	if (clock == BOOTTIME || clock == TAI)
		return gettime_any(clock, time);
	return vdk_chain(clock_gettime)(clock, time);
}

/* The time as without a zone, so that the two agree; the zone from the kernel. */
static __attribute__((noinline)) int slow_day(struct timeval *time, struct timezone *zone)
{
	if (time) {
		const uint64_t ns = (uint64_t)slow_ns(REALTIME);

		time->tv_sec = (int64_t)(ns / NS);
		time->tv_usec = (int64_t)(ns % NS / 1000);
	}
	return zone ? vdk_chain(gettimeofday)(NULL, zone) : 0;
}

VDK_FUNCTION(int, gettimeofday, (struct timeval *time, struct timezone *zone))
{
	uint32_t nsec;
	int64_t sec;

	if (unlikely(zone || !time || !fast(REALTIME, &sec, &nsec)))
		return slow_day(time, zone);
	time->tv_sec = sec;
	time->tv_usec = nsec / 1000;
	return 0;
}

/* Coarse, as the kernel's: a fine one would be a second ahead of it for up to a tick. */
VDK_FUNCTION(long, time, (long *seconds))
{
	int64_t sec, nsec;

	if (!coarse(true, &sec, &nsec))
		return vdk_chain(time)(seconds);
	if (seconds)
		*seconds = sec;
	return sec;
}

/* ---- Nanoseconds as one number -------------------------------------------------------------- */

static inline __attribute__((always_inline)) int64_t fast_ns(int32_t clock, bool ordered)
{
	const uint64_t sequence = first_look();
	const uint64_t counter = ordered ? counter_ordered() : counter_unordered();
	const struct fastclock *const c = copy_of(sequence);
	const int64_t past = (int64_t)extend(c, c->fraction, counter) >> FASTCLOCK_SHIFT;
	const int64_t base = clock == REALTIME ? c->realtime_ns : c->monotonic_ns;

	if (unlikely(!good(c, sequence, counter) || shifted(1u << clock)))
		return slow_ns(clock);
	return base + past;
}

/* CLOCK_REALTIME in ns; 0 when there is no such clock at all. */
VDK_FUNCTION(int64_t, vdk_now_realtime, (void))
{
	return fast_ns(REALTIME, true);
}

VDK_FUNCTION(int64_t, vdk_now_monotonic, (void))
{
	return fast_ns(MONOTONIC, true);
}

/* The counter may be read before earlier and after later instructions: see vdk-fastclock(7). */
VDK_FUNCTION(int64_t, vdk_now_realtime_unordered, (void))
{
	return fast_ns(REALTIME, false);
}

VDK_FUNCTION(int64_t, vdk_now_monotonic_unordered, (void))
{
	return fast_ns(MONOTONIC, false);
}

/* ---- Bounds of UTC -------------------------------------------------------------------------- */

static __attribute__((noinline)) int bounds_unknown(int64_t *earliest, int64_t *latest)
{
	*earliest = INT64_MIN;
	*latest = INT64_MAX;
	return FASTCLOCK_UNKNOWN;
}

/*
 * The earliest and the latest that UTC can be now, ns since 1970. Returns an enum fastclock_sync;
 * with FASTCLOCK_UNKNOWN the two are the ends of the range.
 */
VDK_FUNCTION(int, vdk_now_bounds, (int64_t *earliest, int64_t *latest))
{
	for (int tries = TRIES; tries > 0; tries--) {
		const uint64_t sequence = first_look();
		const uint64_t counter = counter_ordered();
		const struct fastclock *const c = copy_of(sequence);
		const int64_t base = c->realtime_ns, error = c->utc_error_ns;
		const int64_t growth = c->utc_growth;
		const uint32_t sync = c->sync;
		int64_t past = (int64_t)extend(c, c->fraction, counter);
		int64_t age = (int64_t)(counter - c->utc_counter), wide;

		if (unlikely(counter - c->from >= c->span)) {
			if (!vouched_for(c, counter))
				return bounds_unknown(earliest, latest);
			past = (int64_t)c->fraction + on_line(c, counter);
		}
		if (unlikely(!still(sequence)))
			continue;
		if (sync == FASTCLOCK_UNKNOWN)
			return bounds_unknown(earliest, latest);
		past = base + (past >> FASTCLOCK_SHIFT);
		age = age < 0 ? 0 : age;
		/* One more on each side: both products were rounded. */
		wide = error + ((age * growth) >> FASTCLOCK_SHIFT) + 1;
		*earliest = past - wide;
		*latest = past + 1 + wide;
		return (int)sync;
	}
	return bounds_unknown(earliest, latest);
}
