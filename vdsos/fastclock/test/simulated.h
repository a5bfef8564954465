/* SPDX-License-Identifier: MIT */
#ifndef FASTCLOCK_SIMULATED_H
#define FASTCLOCK_SIMULATED_H

/* See simulated.update.c. Everything changes in kernel_ntp(), once for each update. */

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

/* One bend ahead of now, so that rates change between updates, when nobody looks. */
static struct {
	int64_t begin, bend; /* true ns of CLOCK_MONOTONIC */
	double phase;        /* ns that are added at `begin` */
	double rate, next;   /* before and behind the bend */
	int64_t realtime, boottime;
	bool trusted;
	int64_t change; /* true ns: the next of the rarer events */
} simulated = {.trusted = true};

static inline bool simulated_event(const char *name)
{
	const char *wish = getenv("FASTCLOCK_SIMULATED");

	return wish && strstr(wish, name);
}

static inline int64_t simulated_true(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * (int64_t)1000000000 + now.tv_nsec;
}

static inline double simulated_phase(int64_t t)
{
	if (t < simulated.bend)
		return simulated.phase + simulated.rate * (double)(t - simulated.begin);
	return simulated.phase + simulated.rate * (double)(simulated.bend - simulated.begin) +
	       simulated.next * (double)(t - simulated.bend);
}

static inline int kernel_gettime(clockid_t clock, struct timespec *time)
{
	const bool coarse = clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_REALTIME_COARSE;
	const int64_t t = simulated_true(coarse ? CLOCK_MONOTONIC_COARSE : CLOCK_MONOTONIC);
	int64_t ns = t + (int64_t)simulated_phase(t);

	if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
		ns += simulated.realtime;
	if (clock == CLOCK_BOOTTIME)
		ns += simulated.boottime;
	time->tv_sec = ns / 1000000000;
	time->tv_nsec = ns % 1000000000;
	return 0;
}

static inline double simulated_rate(void)
{
	return simulated_event("slew") ? (drand48() * 2 - 1) * 500e-6 : 0;
}

static inline int kernel_ntp(struct timex *ret)
{
	const int64_t now = simulated_true(CLOCK_MONOTONIC);

	if (simulated.begin == 0) {
		srand48(now);
		simulated.begin = simulated.bend = simulated.change = now;
		simulated.change += 2000000000;
		simulated.realtime = simulated_true(CLOCK_REALTIME_COARSE) -
		                     simulated_true(CLOCK_MONOTONIC_COARSE);
		if (simulated_event("shift"))
			simulated.realtime += (int64_t)1000000000 * 1000000000;
	}
	if (now >= simulated.bend) {
		simulated.phase = simulated_phase(now);
		simulated.begin = now;
		simulated.rate = simulated.next;
		simulated.next = simulated_rate();
		simulated.bend = now + 20000000 + (int64_t)(drand48() * 480e6);
	}
	if (now >= simulated.change && !simulated.trusted) {
		simulated.trusted = true;
		simulated.change = now + 1000000000 + (int64_t)(drand48() * 1e9);
	} else if (now >= simulated.change) {
		simulated.change = now + 1000000000;
		if (simulated_event("step"))
			simulated.realtime += (int64_t)((drand48() * 2 - 1) * 1e10);
		if (simulated_event("suspend"))
			simulated.boottime += 5000000000;
		if (simulated_event("distrust")) {
			simulated.trusted = false;
			simulated.change = now + 100000000;
		}
	}
	memset(ret, 0, sizeof(*ret));
	ret->status = STA_UNSYNC;
	if (simulated_event("ntp") && (now / 2000000000) % 2 == 0) {
		ret->status = STA_PLL;
		ret->maxerror = 1000;
		ret->esterror = 100;
		ret->tai = 37;
		return TIME_OK;
	}
	return TIME_ERROR;
}

static inline bool kernel_trusts_counter(void)
{
	return simulated.trusted;
}

/* A timer in place of one that is cancelled when somebody sets the clock. */
static inline int kernel_watch(void)
{
	const struct itimerspec often = {{0, 50000000}, {0, 50000000}};
	int fd;

	if (!simulated_event("wake"))
		return -1;
	fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	timerfd_settime(fd, 0, &often, NULL);
	return fd;
}

#endif
