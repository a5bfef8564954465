/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FASTCLOCK_TEST_CLOCKS_H
#define FASTCLOCK_TEST_CLOCKS_H

/* The attached image's functions and the kernel's, and what is done with them; see clocks.c. */

#include <stdint.h>
#include <sys/time.h>
#include <time.h>

#define NS 1000000000ll

typedef int clock_function(int clock, struct timespec *time);
typedef int gettimeofday_function(struct timeval *time, struct timezone *zone);
typedef long time_function(long *time);
typedef int64_t ns_function(void);
typedef int bounds_function(int64_t *earliest, int64_t *latest);

extern clock_function *ours, *theirs;
extern gettimeofday_function *our_day, *their_day;
extern time_function *our_time, *their_time;
extern ns_function *now_ns[4]; /* realtime, monotonic; then the same unordered */
extern bounds_function *bounds;

/* Ns; ends the program when the clock fails or its nanoseconds are not below a second. */
int64_t get(clock_function *function, int clock);

/* Return: 0 all held, 1 not; what did not is printed. */
int abi(void);
int torture(int seconds, int with_realtime);

#endif
