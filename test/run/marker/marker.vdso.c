/* SPDX-License-Identifier: MIT */
/*
 * marker - wall clocks that are wrong in a way that cannot be mistaken: 1,000,000,000 s fast.
 *
 * Whatever tells the date by libc or by its own run-time proves with it that it calls the
 * attached image. Everything else is the kernel's: monotonic clocks, errors, NULL pointers.
 */
#include <vdk/vdso.h>

#define SHIFT 1000000000

struct timespec {
	int64_t tv_sec;
	int64_t tv_nsec;
};

struct timeval {
	int64_t tv_sec;
	int64_t tv_usec;
};

static bool tells_the_date(int32_t clock)
{
	return clock == 0 /* REALTIME */ || clock == 5 /* REALTIME_COARSE */ || clock == 11 /* TAI */;
}

VDK_FUNCTION(int, clock_gettime, (int32_t clock, struct timespec *time))
{
	const int error = vdk_chain(clock_gettime)(clock, time);

	if (error == 0 && tells_the_date(clock))
		time->tv_sec += SHIFT;
	return error;
}

VDK_FUNCTION(int, gettimeofday, (struct timeval *time, struct timezone *zone))
{
	const int error = vdk_chain(gettimeofday)(time, zone);

	if (error == 0 && time)
		time->tv_sec += SHIFT;
	return error;
}

VDK_FUNCTION(int64_t, time, (int64_t *seconds))
{
	const int64_t now = vdk_chain(time)(NULL) + SHIFT;

	if (seconds)
		*seconds = now;
	return now;
}
