/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The histogram against plain sorting: what it promises of every value and every percentile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "measure/histogram.h"

/* Buckets follow each other without gap or overlap, up to the largest number. */
static void test_buckets(void **state)
{
	assert_int_equal(histogram_bucket_low(0), 0);
	for (unsigned i = 0; i + 1 < HISTOGRAM_BUCKETS; i++) {
		assert_true(histogram_bucket_high(i) >= histogram_bucket_low(i));
		assert_true(histogram_bucket_low(i + 1) == histogram_bucket_high(i) + 1);
		assert_true(histogram_bucket_high(i) - histogram_bucket_low(i) <=
		            histogram_bucket_low(i) / HISTOGRAM_STEPS);
	}
	assert_true(histogram_bucket_high(HISTOGRAM_BUCKETS - 1) == UINT64_MAX);
}

/* Every value lands in the bucket that stands for it. */
static void test_values(void **state)
{
	for (unsigned shift = 0; shift < 64; shift++) {
		for (int around = -1; around <= 1; around++) {
			const uint64_t value = ((uint64_t)1 << shift) + (uint64_t)around;
			struct histogram *histogram = histogram_new();
			int found = 0;

			histogram_add(histogram, value);
			for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
				found += histogram->bucket[i] &&
				         histogram_bucket_low(i) <= value &&
				         value <= histogram_bucket_high(i);
			assert_int_equal(found, 1);
			assert_true(histogram_at(histogram, 0.5) == value);
			free(histogram);
		}
	}
}

static int ascending(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Percentiles of many values lie within the width of a bucket of the exact ones. */
static void test_percentiles(void **state)
{
	static const double shares[] = {0.001, 0.25, 0.5, 0.75, 0.99, 0.999, 1};
	enum { COUNT = 100000 };
	static uint64_t values[COUNT];
	struct histogram *histogram = histogram_new();
	uint64_t random = 88172645463325252u;

	for (int i = 0; i < COUNT; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		values[i] = random >> (random & 63);
		histogram_add(histogram, values[i]);
	}
	qsort(values, COUNT, sizeof(values[0]), ascending);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		const uint64_t exact = values[(size_t)(shares[i] * COUNT) - 1];
		const uint64_t found = histogram_at(histogram, shares[i]);
		const uint64_t apart = exact > found ? exact - found : found - exact;

		assert_true(apart <= exact / HISTOGRAM_STEPS + 1);
	}
	assert_true(histogram->min == values[0]);
	assert_true(histogram->max == values[COUNT - 1]);
	free(histogram);
}

static void test_empty(void **state)
{
	struct histogram *histogram = histogram_new();

	assert_int_equal(histogram_at(histogram, 0.5), 0);
	free(histogram);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_buckets),
	        cmocka_unit_test(test_values),
	        cmocka_unit_test(test_percentiles),
	        cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
