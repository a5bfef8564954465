/* SPDX-License-Identifier: MIT */
#ifndef FASTCLOCK_KERNEL_H
#define FASTCLOCK_KERNEL_H

/*
 * kernel.h - the few questions that fastclock's publisher asks the kernel. The tests put another
 * file in its place (FASTCLOCK_KERNEL), whose clocks they step, slew and suspend at will.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static inline int kernel_gettime(clockid_t clock, struct timespec *time)
{
	return clock_gettime(clock, time) ? -errno : 0;
}

/* Return: as adjtimex(2), with the state of the clock in @ret. */
static inline int kernel_ntp(struct timex *ret)
{
	memset(ret, 0, sizeof(*ret));
	return adjtimex(ret);
}

/* Is the TSC what the kernel's own clocks run on? Asked at each update: the file stays open. */
static inline bool kernel_trusts_counter(void)
{
	static int fd = -1;
	char name[8];

	if (fd < 0)
		fd = open("/sys/devices/system/clocksource/clocksource0/current_clocksource",
		          O_RDONLY | O_CLOEXEC);
	return pread(fd, name, sizeof(name), 0) == 4 && !memcmp(name, "tsc\n", 4);
}

/*
 * A descriptor that becomes readable when CLOCK_REALTIME is set, when a leap second comes and
 * when the machine wakes up: a timer that never expires and is cancelled by them.
 */
static inline int kernel_watch(void)
{
	const struct itimerspec never = {.it_value.tv_sec = (time_t)1 << 40};
	const int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0 && timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never,
	                               NULL)) {
		close(fd);
		return -1;
	}
	return fd;
}

#endif
