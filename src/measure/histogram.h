/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_MEASURE_HISTOGRAM_H
#define VDK_MEASURE_HISTOGRAM_H

/*
 * A log-linear histogram: every power of two is cut into HISTOGRAM_STEPS equal buckets, so each
 * value is kept to within 0.2 % of itself, from 1 to 2^64 - 1, in constant memory and with a few
 * instructions per value. That is the scheme of HdrHistogram; Debian has no C library of it.
 *
 * Values are plain numbers; what they count (picoseconds, tries, millionths) the owner knows.
 */

#include <stdint.h>

#define HISTOGRAM_BITS 9
#define HISTOGRAM_STEPS (1u << HISTOGRAM_BITS)
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_BITS + 1) * HISTOGRAM_STEPS)

struct histogram {
	uint64_t count;
	uint64_t sum; /* wraps after 2^64; runs are far too short for that */
	uint64_t min, max;
	uint64_t bucket[HISTOGRAM_BUCKETS];
};

/* An empty one, to be released with free(3); NULL: no memory. */
struct histogram *histogram_new(void);

void histogram_add(struct histogram *histogram, uint64_t value);

/*
 * The smallest value that at least `share` of all values do not exceed, to within the width of its
 * bucket: 0.5 is the median, 0.999 what one in a thousand exceeds. 0 when it is empty.
 */
uint64_t histogram_at(const struct histogram *histogram, double share);

/* The range of values that a bucket stands for. */
uint64_t histogram_bucket_low(unsigned bucket);
uint64_t histogram_bucket_high(unsigned bucket);

#endif
