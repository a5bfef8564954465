/* SPDX-License-Identifier: MIT */
/*
 * What fastclock's functions should tell: the kernel's time, by system call. As vdk-fastclock(7)
 * says they may be apart by some ns; a busy machine's publisher is late now and then, and what
 * the line then coasts on may be further off. The coarse clocks are those of the last update.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <vdk/reference.h>

#define NS 1000000000ll

/* Besides the promised 200 ns in 999 of 1000 reads: what a late publisher costs. */
#define NEAR 2000
#define COARSE (60 * 1000000ll)

static int64_t system_ns(int clock)
{
	struct timespec now;

	return syscall(SYS_clock_gettime, clock, &now) ? -errno : now.tv_sec * NS + now.tv_nsec;
}

#define CLOCK(id, tolerance)                                                                       \
	VDK_REFERENCE_RISING(int, clock_gettime, (int32_t clock, struct timespec *time),           \
	                     ({ struct timespec t; int e = clock_gettime(id, &t);                  \
	                        e ? e : t.tv_sec * NS + t.tv_nsec; }), tolerance)                  \
	{                                                                                          \
		return system_ns(id);                                                              \
	}

CLOCK(CLOCK_REALTIME, NEAR)
CLOCK(CLOCK_MONOTONIC, NEAR)
CLOCK(CLOCK_BOOTTIME, NEAR)
CLOCK(CLOCK_TAI, NEAR)
CLOCK(CLOCK_MONOTONIC_RAW, 0)
CLOCK(CLOCK_REALTIME_COARSE, COARSE)
CLOCK(CLOCK_MONOTONIC_COARSE, COARSE)

VDK_REFERENCE_RISING(int, gettimeofday, (struct timeval *time, struct timezone *zone),
		     ({ struct timeval t; int e = gettimeofday(&t, 0);
		        e ? e : t.tv_sec * 1000000 + t.tv_usec; }), NEAR / 1000)
{
	return system_ns(CLOCK_REALTIME) / 1000;
}

VDK_REFERENCE_RISING(long, time, (long *seconds), time(0), 1)
{
	return system_ns(CLOCK_REALTIME_COARSE) / NS;
}

VDK_REFERENCE_RISING(int64_t, vdk_now_realtime, (void), vdk_now_realtime(), NEAR)
{
	return system_ns(CLOCK_REALTIME);
}

VDK_REFERENCE_RISING(int64_t, vdk_now_monotonic, (void), vdk_now_monotonic(), NEAR)
{
	return system_ns(CLOCK_MONOTONIC);
}

/* Read out of order, so no order is promised. */
VDK_REFERENCE(int64_t, vdk_now_realtime_unordered, (void), vdk_now_realtime_unordered(), NEAR)
{
	return system_ns(CLOCK_REALTIME);
}

VDK_REFERENCE(int64_t, vdk_now_monotonic_unordered, (void), vdk_now_monotonic_unordered(), NEAR)
{
	return system_ns(CLOCK_MONOTONIC);
}

/* The kernel's time lies between the bounds, if there are any: 1. */
VDK_REFERENCE(int, vdk_now_bounds, (int64_t *earliest, int64_t *latest),
	      ({ const int64_t before = system_ns(CLOCK_REALTIME);
	         int64_t first, last;
	         (void)vdk_now_bounds(&first, &last);
	         before - NEAR <= last && first <= system_ns(CLOCK_REALTIME) + NEAR; }), 0)
{
	return 1;
}
