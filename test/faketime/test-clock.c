/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The record's arithmetic: redone with floating point, at its limits, and across changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "faketime/clock.h"
#include "faketime/tree.h"

#define SECOND FAKETIME_SECOND

static const struct faketime_now start = {
        .wall = 1700000000 * SECOND + 123456789,
        .tai_ahead = 37 * SECOND,
        .monotonic = 5000 * SECOND,
        .raw = 4999 * SECOND,
        .boottime = 6000 * SECOND,
};

static struct faketime_now later(int64_t ns)
{
	struct faketime_now now = start;

	now.wall += ns;
	now.monotonic += ns;
	now.raw += ns;
	now.boottime += ns;
	return now;
}

static struct faketime begin(const char *text, bool monotonic)
{
	struct faketime_fault fault;
	struct faketime_spec spec;
	struct faketime record;

	assert_int_equal(faketime_spec_parse(text, &spec, &fault), 0);
	faketime_clock_start(&record, &spec, &start, monotonic);
	return record;
}

static __int128 shown(const struct faketime *record, int64_t ns)
{
	const struct faketime_now now = later(ns);
	const struct faketime_point point = faketime_clock_wall(record, &now);

	assert_in_range(point.nanoseconds, 0, 999999999);
	return (__int128)point.seconds * SECOND + point.nanoseconds;
}

static void test_offset(void **state)
{
	const struct faketime record = begin("-1.5d", false);

	assert_int_equal(record.mode, FAKETIME_OFFSET);
	assert_int_equal(record.offset_seconds, -129600);
	assert_int_equal(record.offset_nanoseconds, 0);
	assert_int_equal(record.whole_seconds, -129600);
	assert_true(shown(&record, 7) == start.wall + 7 - 129600 * SECOND);
}

/* A date goes on from where it was set, and an offset's fraction stays positive. */
static void test_date(void **state)
{
	const struct faketime record = begin("@1000", false);

	assert_int_equal(record.mode, FAKETIME_OFFSET);
	assert_in_range(record.offset_nanoseconds, 0, 999999999);
	assert_int_equal(record.whole_seconds, 0);
	assert_true(shown(&record, 0) == 1000 * SECOND);
	assert_true(shown(&record, 3 * SECOND + 1) == 1003 * SECOND + 1);
}

/* Against long double, whose 64 bits are exact to a few ns over these spans. */
static void test_rates(void **state)
{
	static const char *const texts[] = {"x2", "x0.5", "x0.1", "x3.141592653", "x1000"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct faketime record = begin(texts[i], false);
		const long double rate = strtold(texts[i] + 1, NULL);

		assert_int_equal(record.mode, FAKETIME_RATE);
		for (int64_t ns = 1; ns < 400 * 86400 * SECOND; ns = ns * 3 + 1) {
			const long double wanted = (long double)ns * rate;
			const long double found = (long double)(shown(&record, ns) - start.wall);

			if (wanted > (long double)INT64_MAX)
				break; /* 292 years on; see test_limits() */
			/* 2^-41 of rounding in the rate, and a ns of it in the result. */
			assert_true(found >= wanted - (long double)ns * 0x1p-41L - 2);
			assert_true(found <= wanted + (long double)ns * 0x1p-41L + 2);
		}
	}
}

/* A change of the rate: the same until the pivot, continuous in it, never backwards. */
static void test_turns(void **state)
{
	static const uint64_t rates[] = {0, FAKETIME_RATE_ONE / 3, 7 * FAKETIME_RATE_ONE,
	                                 FAKETIME_RATE_ONE};
	struct faketime record = begin("+1y x2", true);
	int64_t at = 0;

	for (int i = 0; i < 400; i++) {
		const struct faketime before = record;
		const struct faketime_now now = later(at);
		const int64_t pivot = at + FAKETIME_SECOND / 100;
		__int128 last = 0;

		faketime_clock_turn(&record, rates[i % 4], &now, FAKETIME_SECOND / 100);
		assert_in_range(shown(&record, pivot) - shown(&before, pivot), 0, 1);
		for (int64_t ns = at; ns < pivot + 1000; ns += 999983) {
			const __int128 value = shown(&record, ns);

			if (ns < pivot)
				assert_in_range(value - shown(&before, ns), 0, 1);
			assert_true(value >= last);
			last = value;
		}
		at = pivot + 1000000007;
		faketime_clock_settle(&record);
	}
}

static void test_freeze(void **state)
{
	struct faketime record = begin("+0 x0", false);

	assert_true(shown(&record, 0) == shown(&record, 1000 * SECOND));
	assert_int_equal(record.rate_running, FAKETIME_RATE_ONE);
	faketime_clock_step(&record, 10, 5);
	assert_true(shown(&record, 0) == start.wall + 10 * SECOND + 5);
}

/* Back at rate 1 with true monotonic clocks, the fast way is taken again. */
static void test_settle(void **state)
{
	struct faketime record = begin("+1h x5", false);
	struct faketime_now now = later(SECOND);

	faketime_clock_turn(&record, FAKETIME_RATE_ONE, &now, 0);
	assert_int_equal(record.mode, FAKETIME_RATE);
	faketime_clock_settle(&record);
	assert_int_equal(record.mode, FAKETIME_OFFSET);
	assert_true(shown(&record, 2 * SECOND) == start.wall + 3606 * SECOND);
	assert_int_equal(record.whole_seconds, 3604);
	faketime_clock_turn(&record, 2 * FAKETIME_RATE_ONE, &now, 0);
	assert_int_equal(record.whole_seconds, 0);
}

/* Steps come on top, and nothing that is set or turned forgets those that were taken. */
static void test_steps(void **state)
{
	struct faketime record = begin("@1000 i2", true);
	struct faketime_spec spec = {.when = FAKETIME_AT, .seconds = 7000};
	struct faketime_now now = later(5 * SECOND);
	struct faketime_point point;

	assert_int_equal(record.mode, FAKETIME_RATE);
	assert_int_equal(record.flags, FAKETIME_STEPS | FAKETIME_MONOTONIC);
	assert_int_equal(record.rate_after, 0);
	assert_int_equal(record.step, 2 * SECOND);
	now.steps = 6 * SECOND;
	point = faketime_clock_wall(&record, &now);
	assert_int_equal(point.seconds, 1006);
	faketime_clock_set(&record, &spec, &now);
	now.steps += 4 * SECOND;
	point = faketime_clock_wall(&record, &now);
	assert_int_equal(point.seconds, 7004);

	/* A turn and a time in one: right at the pivot, and the steps until then on top. */
	faketime_clock_turn(&record, 3 * FAKETIME_RATE_ONE, &now, FAKETIME_LEAD);
	faketime_clock_set(&record, &spec, &now);
	now = later(6 * SECOND);
	now.steps = 10 * SECOND;
	point = faketime_clock_wall(&record, &now);
	assert_int_equal(point.seconds, 7003);

	/* Rate 1 is no way back to the mode without steps. */
	faketime_clock_turn(&record, FAKETIME_RATE_ONE, &now, 0);
	faketime_clock_settle(&record);
	assert_int_equal(record.mode, FAKETIME_RATE);
	faketime_clock_walk(&record, 0);
	assert_int_equal(record.step, 0);
	assert_int_equal(record.step_running, 2 * SECOND);
}

static void test_limits(void **state)
{
	struct faketime record = begin("+12000y x1000000", true);

	/* The faked time stands still 292 years on, and no sum overflows. */
	assert_true(shown(&record, INT64_MAX - start.wall) ==
	            (__int128)start.wall + (__int128)FAKETIME_FARTHEST * SECOND + INT64_MAX);
	record = begin("-12000y x1000000", true);
	assert_true(shown(&record, -start.wall) >=
	            (__int128)start.wall - (__int128)FAKETIME_FARTHEST * SECOND + INT64_MIN);
	assert_int_equal(faketime_steady(&record, 0, INT64_MAX, INT64_MAX), INT64_MAX);
	assert_int_equal(faketime_steady(&record, 0, INT64_MIN, INT64_MIN), INT64_MIN);
	assert_int_equal(faketime_ns(INT64_MAX, 0), INT64_MAX);
	assert_int_equal(faketime_ns(INT64_MIN, 0), INT64_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_offset), cmocka_unit_test(test_date),
	        cmocka_unit_test(test_rates),  cmocka_unit_test(test_turns),
	        cmocka_unit_test(test_freeze), cmocka_unit_test(test_settle),
	        cmocka_unit_test(test_steps),  cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
