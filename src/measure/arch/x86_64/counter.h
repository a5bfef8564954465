/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_MEASURE_COUNTER_H
#define VDK_MEASURE_COUNTER_H

/*
 * The CPU's counter around a piece of code. Everything before counter_begin() is finished when it
 * counts (lfence before), nothing after it has started (lfence behind); counter_end() waits for the
 * measured code (rdtscp) and keeps what follows out of it.
 */

#include <cpuid.h>
#include <stdbool.h>
#include <stdint.h>

/* Is there rdtscp? All but the first processors with 64 bits have it, and some emulators have not. */
static inline bool counter_supported(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(0x80000001, &a, &b, &c, &d) && (d & 1u << 27);
}

static inline uint64_t counter_begin(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}

static inline uint64_t counter_end(void)
{
	uint32_t low, high, cpu;

	__asm__ volatile("rdtscp; lfence" : "=a"(low), "=d"(high), "=c"(cpu)::"memory");
	return (uint64_t)high << 32 | low;
}

/* The three ways to read the counter, as floors: none can be beaten by a clock made of it. */
static inline uint64_t counter_bare(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static inline uint64_t counter_ordered(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}

static inline uint64_t counter_rdtscp(void)
{
	uint32_t low, high, cpu;

	__asm__ volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(cpu)::"memory");
	return (uint64_t)high << 32 | low;
}

static inline void counter_relax(void)
{
	__builtin_ia32_pause();
}

#endif
