/* SPDX-License-Identifier: MIT */
#ifndef FASTCLOCK_COUNTER_H
#define FASTCLOCK_COUNTER_H

/*
 * The CPU's counter, for readers and for the publisher.
 *
 * Ordered: rdtscp executes when all earlier instructions have, and all earlier loads are done
 * (Intel SDM volume 2, AMD APM volume 3). It is what the kernel's own vDSO uses, a little cheaper
 * than lfence; rdtsc, and later instructions may begin before it, which does no harm here: a
 * caller that hands the time on to another CPU does so with a store, and stores become visible
 * when they retire, after it.
 */

#include <stdint.h>

static inline __attribute__((always_inline)) uint64_t counter_ordered(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtscp" : "=a"(low), "=d"(high)::"ecx", "memory");
	return (uint64_t)high << 32 | low;
}

static inline __attribute__((always_inline)) uint64_t counter_unordered(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}

#endif
