/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of a SPEC: what it means, and where it is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "faketime-math.h"
#include "faketime/spec.h"

#define ONE FAKETIME_RATE_ONE
#define DAY 86400

static const struct {
	const char *text;
	struct faketime_spec spec;
} good[] = {
        {"+1d", {.when = FAKETIME_BESIDE, .seconds = DAY}},
        {"-1d", {.when = FAKETIME_BESIDE, .seconds = -DAY}},
        {"+5", {.when = FAKETIME_BESIDE, .seconds = 5}},
        {"-0", {.when = FAKETIME_BESIDE}},
        {"  +90s  ", {.when = FAKETIME_BESIDE, .seconds = 90}},
        {"+10m", {.when = FAKETIME_BESIDE, .seconds = 600}},
        {"+2h", {.when = FAKETIME_BESIDE, .seconds = 7200}},
        {"+1w", {.when = FAKETIME_BESIDE, .seconds = 7 * DAY}},
        {"-2,5y", {.when = FAKETIME_BESIDE, .seconds = -78840000}},
        {"+2.5y", {.when = FAKETIME_BESIDE, .seconds = 78840000}},
        {"+1,5h", {.when = FAKETIME_BESIDE, .seconds = 5400}},
        {"-.25", {.when = FAKETIME_BESIDE, .seconds = -1, .nanoseconds = 750000000}},
        {"+0.0000000019", {.when = FAKETIME_BESIDE, .nanoseconds = 1}},
        {"+12000y", {.when = FAKETIME_BESIDE, .seconds = FAKETIME_FARTHEST}},
        {"x2", {.has_rate = true, .rate = 2 * ONE}},
        {"x0.5", {.has_rate = true, .rate = ONE / 2}},
        {"x0,25", {.has_rate = true, .rate = ONE / 4}},
        {"x1", {.has_rate = true, .rate = ONE}},
        {"x0", {.has_rate = true, .rate = 0}},
        {"x1000000", {.has_rate = true, .rate = 1000000 * ONE}},
        {"+1y x2", {.when = FAKETIME_BESIDE, .seconds = 365 * DAY, .has_rate = true, .rate = 2 * ONE}},
        {"-7d  x10,0 ", {.when = FAKETIME_BESIDE, .seconds = -7 * DAY, .has_rate = true, .rate = 10 * ONE}},
        {"i1.0", {.has_step = true, .step = 1000000000}},
        {"+1y i2,000000001",
         {.when = FAKETIME_BESIDE, .seconds = 365 * DAY, .has_step = true, .step = 2000000001}},
        {"2020-12-24 20:30:00",
         {.when = FAKETIME_AT, .seconds = 1608841800, .plain_date = true}},
        {"2020-12-24 20:30",
         {.when = FAKETIME_AT, .seconds = 1608841800, .plain_date = true}},
        {"@2020-12-24 20:30:00", {.when = FAKETIME_AT, .seconds = 1608841800}},
        {"@2020-12-24 20:30:00 x3",
         {.when = FAKETIME_AT, .seconds = 1608841800, .has_rate = true, .rate = 3 * ONE}},
        {"2020-12-24T20:30:00Z",
         {.when = FAKETIME_AT, .seconds = 1608841800, .plain_date = true}},
        {"2020-12-24t20:30:00.25+02:00",
         {.when = FAKETIME_AT, .seconds = 1608834600, .nanoseconds = 250000000, .plain_date = true}},
        {"2020-12-24 20:30:00-01:30",
         {.when = FAKETIME_AT, .seconds = 1608847200, .plain_date = true}},
        {"2020-02-29 00:00:00", {.when = FAKETIME_AT, .seconds = 1582934400, .plain_date = true}},
        {"1969-12-31 23:59:59Z", {.when = FAKETIME_AT, .seconds = -1, .plain_date = true}},
        {"@0", {.when = FAKETIME_AT}},
        {"@1600000000.5", {.when = FAKETIME_AT, .seconds = 1600000000, .nanoseconds = 500000000}},
        {"@-1.25", {.when = FAKETIME_AT, .seconds = -2, .nanoseconds = 750000000}},
        {"@99999", {.when = FAKETIME_AT, .seconds = 99999}},
        {"%/etc/a b x2", {.when = FAKETIME_AT_FILE, .file = "/etc/a b x2"}},
        {"%", {.when = FAKETIME_AT_FILE, .file = ""}},
};

static const struct {
	const char *text;
	size_t column;
	const char *expected; /* a part of it */
} bad[] = {
        {"", 1, "+ or -"},
        {"   ", 4, "+ or -"},
        {"tomorrow", 1, "+ or -"},
        {"+", 2, "number"},
        {"+d", 2, "number"},
        {"+1q", 3, "unit"},
        {"+1dd", 4, "blank"},
        {"+1d,", 4, "blank"},
        {"+1.d", 4, "fraction"},
        {"+1d 5", 5, "x and a rate"},
        {"x", 2, "number"},
        {"x-1", 2, "number"},
        {"x2 x3", 4, "the end"},
        {"x2x3", 3, "blank"},
        {"x1000001", 2, "at most"},
        {"x1000000.1", 2, "at most"},
        {"x99999999999999999999999999", 2, "at most"},
        {"+12001y", 2, "12,000 years"},
        {"+999999999999999999999999", 2, "12,000 years"},
        {"@", 2, "date"},
        {"@x", 2, "date"},
        {"2020", 5, "- after the year"},
        {"20201224", 5, "- after the year"},
        {"202-12-24 00:00:00", 4, "year"},
        {"2020-13-24 20:30:00", 6, "month"},
        {"2020-12", 8, "- after the month"},
        {"2020-12-32 20:30:00", 9, "day from"},
        {"2019-02-29 20:30:00", 9, "day that this month has"},
        {"1900-02-29 20:30:00", 9, "day that this month has"},
        {"2020-12-24", 11, "the hour"},
        {"2020-12-24 24:30:00", 12, "hour"},
        {"2020-12-24 20", 14, ": after the hour"},
        {"2020-12-24 20:60:00", 15, "minute"},
        {"2020-12-24 20:30:61", 18, "second"},
        {"2020-12-24 20:30:00.", 21, "fraction"},
        {"2020-12-24 20:30:00+2", 22, ": inside"},
        {"@2020-12-24 20:30:00 y2", 22, "x and a rate"},
};

static void test_good(void **state)
{
	struct faketime_fault fault;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct faketime_spec *wanted = &good[i].spec;
		struct faketime_spec spec = {0};
		const int error = faketime_spec_parse(good[i].text, &spec, &fault);

		if (error)
			fail_msg("'%s': column %zu: expected %s", good[i].text, fault.column,
			         fault.expected);
		if (spec.when != wanted->when || spec.seconds != wanted->seconds ||
		    spec.nanoseconds != wanted->nanoseconds || spec.has_rate != wanted->has_rate ||
		    spec.rate != wanted->rate || spec.has_step != wanted->has_step || spec.step != wanted->step ||
		    spec.plain_date != wanted->plain_date)
			fail_msg("'%s' is read as %d %lld.%09lld x%llu", good[i].text, spec.when,
			         (long long)spec.seconds, (long long)spec.nanoseconds,
			         (unsigned long long)spec.rate);
		if (wanted->file)
			assert_string_equal(spec.file, wanted->file);
	}
}

static void test_bad(void **state)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct faketime_spec spec = {.seconds = 42};
		struct faketime_fault fault = {0};

		if (faketime_spec_parse(bad[i].text, &spec, &fault) >= 0)
			fail_msg("'%s' is taken", bad[i].text);
		assert_int_equal(spec.seconds, 42);
		if (fault.column != bad[i].column || !strstr(fault.expected, bad[i].expected))
			fail_msg("'%s': expected column %zu (%s), found column %zu (%s)",
			         bad[i].text, bad[i].column, bad[i].expected, fault.column,
			         fault.expected);
	}
}

/* Local time is that of TZ. */
static void test_local(void **state)
{
	struct faketime_fault fault;
	struct faketime_spec spec;

	setenv("TZ", "XYZ-3", 1);
	tzset();
	assert_int_equal(faketime_spec_parse("2020-12-24 20:30:00", &spec, &fault), 0);
	assert_int_equal(spec.seconds, 1608841800 - 3 * 3600);
	assert_int_equal(faketime_spec_parse("2020-12-24 20:30:00Z", &spec, &fault), 0);
	assert_int_equal(spec.seconds, 1608841800);
	setenv("TZ", "UTC", 1);
	tzset();
}

/* Texts that are nearly right: whatever comes out, it comes out, and stays inside the text. */
static void test_damaged(void **state)
{
	static const char alphabet[] = "0123456789+-@%xi.,:TZ dhmsyw\377";
	unsigned random = 1;

	for (int round = 0; round < 200000; round++) {
		char text[64];
		struct faketime_fault fault = {0};
		struct faketime_spec spec;
		size_t length;

		random = random * 1103515245 + 12345;
		snprintf(text, sizeof(text), "%s",
		         good[(random >> 8) % (sizeof(good) / sizeof(good[0]))].text);
		length = strlen(text);
		for (int i = 0; i < 2 && length; i++) {
			random = random * 1103515245 + 12345;
			text[(random >> 16) % length] =
			        alphabet[(random >> 8) % (sizeof(alphabet) - 1)];
		}
		if (faketime_spec_parse(text, &spec, &fault)) {
			assert_non_null(fault.expected);
			assert_in_range(fault.column, 1, length + 1);
		} else {
			assert_in_range(spec.when == FAKETIME_KEEP ? 0 : spec.nanoseconds, 0,
			                999999999);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_good),
	        cmocka_unit_test(test_bad),
	        cmocka_unit_test(test_local),
	        cmocka_unit_test(test_damaged),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
