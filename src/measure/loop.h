/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_MEASURE_LOOP_H
#define VDK_MEASURE_LOOP_H

/*
 * The loops around what is measured: a `run` of a struct subject (measure.h) each. All are the same
 * but for one statement, aligned alike and never inlined, so that what is measured differs and not
 * the code around it.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>

#include "measure/measure.h"

/*
 * MEASURE_LOOP() - define the loop NAME around STATEMENT, which calls `f`, a TYPE *
 *
 * The pointer is volatile, so it is loaded anew for each call, as a C library does it. STATEMENT may
 * use `argument`, the subject's.
 */
#define MEASURE_LOOP(name, type, statement)                                                        \
	static __attribute__((noinline, aligned(64))) void name(const struct subject *s,           \
	                                                        uint32_t calls)                    \
	{                                                                                          \
		type *volatile pointer = (type *)(uintptr_t)s->function;                           \
		const int64_t argument = s->argument;                                              \
                                                                                                   \
		(void)argument;                                                                    \
		for (; calls; calls--) {                                                           \
			type *const f = pointer;                                                   \
                                                                                                   \
			(void)f;                                                                   \
			statement;                                                                 \
			__asm__ volatile("" ::: "memory");                                         \
		}                                                                                  \
	}

/*
 * MEASURE_FLOORS() - define the loops that no call can beat
 *
 * Nothing, a load of MEMORY (an object of one word), the counter in each of its orders (counter.h), and a call
 * without arguments, which is made of measure_nothing() (calls.h) a floor, and of others a measure.
 */
#define MEASURE_FLOORS(memory)                                                                     \
	MEASURE_LOOP(loop_empty, vdk_function, )                                                   \
	MEASURE_LOOP(loop_load, vdk_function, (void)__atomic_load_n(&(memory), __ATOMIC_ACQUIRE))  \
	MEASURE_LOOP(loop_rdtsc, vdk_function, counter_bare())                                     \
	MEASURE_LOOP(loop_lfence_rdtsc, vdk_function, counter_ordered())                           \
	MEASURE_LOOP(loop_rdtscp, vdk_function, counter_rdtscp())                                  \
	MEASURE_LOOP(loop_void, vdk_function, f())

/* The standard functions of a vDSO, as they are called. */
typedef int clock_function(int clock, struct timespec *time);
typedef int gettimeofday_function(struct timeval *time, void *zone);
typedef long time_function(long *time);
typedef long getcpu_function(unsigned *cpu, unsigned *node, void *unused);
typedef long getrandom_function(void *to, size_t size, unsigned flags, void *state,
                                size_t state_size);

#endif
