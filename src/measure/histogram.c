/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "measure/histogram.h"

#include <stdlib.h>

struct histogram *histogram_new(void)
{
	struct histogram *histogram = calloc(1, sizeof(*histogram));

	if (histogram)
		histogram->min = UINT64_MAX;
	return histogram;
}

/*
 * Values below HISTOGRAM_STEPS have a bucket each. Above, the leading bit chooses a row of
 * HISTOGRAM_STEPS buckets and the next HISTOGRAM_BITS bits the bucket in it.
 */
static unsigned bucket_of(uint64_t value)
{
	unsigned exponent;

	if (value < HISTOGRAM_STEPS)
		return (unsigned)value;
	exponent = 63u - (unsigned)__builtin_clzll(value);
	return (exponent - HISTOGRAM_BITS + 1) * HISTOGRAM_STEPS +
	       (unsigned)((value >> (exponent - HISTOGRAM_BITS)) & (HISTOGRAM_STEPS - 1));
}

uint64_t histogram_bucket_low(unsigned bucket)
{
	const unsigned row = bucket / HISTOGRAM_STEPS;
	const uint64_t step = bucket % HISTOGRAM_STEPS;

	return row == 0 ? step : (HISTOGRAM_STEPS + step) << (row - 1);
}

uint64_t histogram_bucket_high(unsigned bucket)
{
	return bucket + 1 < HISTOGRAM_BUCKETS ? histogram_bucket_low(bucket + 1) - 1 : UINT64_MAX;
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->count++;
	histogram->sum += value;
	if (value < histogram->min)
		histogram->min = value;
	if (value > histogram->max)
		histogram->max = value;
	histogram->bucket[bucket_of(value)]++;
}

uint64_t histogram_at(const struct histogram *histogram, double share)
{
	const double wanted = share * (double)histogram->count;
	uint64_t seen = 0;

	if (histogram->count == 0)
		return 0;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->bucket[i];
		if (histogram->bucket[i] && (double)seen >= wanted) {
			const uint64_t low = histogram_bucket_low(i);
			const uint64_t middle = low + (histogram_bucket_high(i) - low) / 2;

			return middle < histogram->min   ? histogram->min
			       : middle > histogram->max ? histogram->max
			                                 : middle;
		}
	}
	return histogram->max;
}
