/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "inspect/entropy.h"

#include <math.h>
#include <stdlib.h>

/* No equal pair in a sample still allows for three: with 95 % certainty for no more. */
#define PAIRS_MISSED 3

static int compare(const void *a, const void *b)
{
	const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static void count_equal(const uint64_t *sorted, size_t count, struct vdk_entropy *entropy)
{
	for (size_t i = 0; i < count;) {
		size_t end = i + 1;

		while (end < count && sorted[end] == sorted[i])
			end++;
		entropy->distinct++;
		entropy->equal_pairs += (uint64_t)(end - i) * (end - i - 1) / 2;
		i = end;
	}
}

static void fill_bins(const uint64_t *sorted, size_t count, struct vdk_entropy *entropy)
{
	const double width = (double)(entropy->highest - entropy->lowest) + 1;

	for (size_t i = 0; i < count; i++) {
		const double place = (double)(sorted[i] - entropy->lowest) / width;
		const size_t bin = (size_t)(place * VDK_ENTROPY_BINS);

		/* Wide ranges are rounded: the last address may come out as the end. */
		entropy->bins[bin < VDK_ENTROPY_BINS ? bin : VDK_ENTROPY_BINS - 1]++;
	}
}

void vdk_entropy_estimate(uint64_t *addresses, size_t count, uint64_t unit,
                          struct vdk_entropy *ret)
{
	struct vdk_entropy entropy = {.samples = count};
	const double pairs = (double)count * (double)(count - 1) / 2;
	double certain;
	uint64_t units;

	qsort(addresses, count, sizeof(addresses[0]), compare);
	entropy.lowest = addresses[0];
	entropy.highest = addresses[count - 1];
	for (size_t i = 1; i < count; i++)
		entropy.varying_mask |= addresses[i] ^ addresses[0];
	entropy.varying = (unsigned int)__builtin_popcountll(entropy.varying_mask);
	count_equal(addresses, count, &entropy);
	fill_bins(addresses, count, &entropy);
	units = (entropy.highest - entropy.lowest) / unit;
	if (count > 1) {
		entropy.range = log2((double)units * (double)(count + 1) / (double)(count - 1) + 1);
		entropy.collision = log2(pairs / (entropy.equal_pairs ? (double)entropy.equal_pairs
		                                                      : PAIRS_MISSED));
	}
	entropy.bits = entropy.range < entropy.varying ? entropy.range : entropy.varying;
	certain = (double)entropy.equal_pairs - 2 * sqrt((double)entropy.equal_pairs);
	if (certain > 0 && log2(pairs / certain) < entropy.bits)
		entropy.bits = log2(pairs / certain);
	*ret = entropy;
}
