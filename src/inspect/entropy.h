/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_INSPECT_ENTROPY_H
#define VDK_INSPECT_ENTROPY_H

/*
 * How random is an address, by a sample of it? Nothing is assumed of the kernel's way to choose:
 * three things are counted, none of which can be smaller than what an attacker has to guess.
 *
 *   varying    bits that were not the same in all runs: no more can be random
 *   range      log2 of how many pages lie between the lowest and the highest address, each run's
 *              share added for the ends that a sample does not reach (times (N+1)/(N-1), which is
 *              right for a uniform choice)
 *   collision  log2 of the pairs of runs for each pair with equal addresses (Renyi's entropy of
 *              order 2); where no pair is equal, all that is known is "more than", with 95 %
 *              certainty if three pairs could have been missed
 *
 * The estimate is the smallest of them, where of the equal pairs two standard deviations are taken
 * off first: so many may be chance.
 */

#include <stddef.h>
#include <stdint.h>

#define VDK_ENTROPY_BINS 40

struct vdk_entropy {
	size_t samples;
	uint64_t lowest, highest;
	uint64_t varying_mask; /* bits of the address that varied */
	unsigned int varying;
	size_t distinct;
	uint64_t equal_pairs;
	double range, collision; /* bits; collision is a lower bound where equal_pairs is 0 */
	double bits;             /* the estimate */
	size_t bins[VDK_ENTROPY_BINS]; /* runs by address, from the lowest to the highest */
};

/*
 * @addresses: at least one; sorted here
 * @unit:      what addresses are multiples of, a power of two: 4096
 */
void vdk_entropy_estimate(uint64_t *addresses, size_t count, uint64_t unit,
                          struct vdk_entropy *ret);

#endif
