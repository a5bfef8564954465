/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verify PAGE - every clock as libc tells it, against the system call with the arithmetic redone
 *
 * Reads the record from the page by itself, and computes in 128 bits, by division, what must be
 * shown. Each answer must lie between what follows from the system call before it and the one
 * after it: no slack. Prints a line per clock and function; exits 0 or 1.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <vdk/lookup.h>
#include <vdk/page.h>

#include "faketime.page.h"

#define SECOND ((__int128)1000000000)
#define ROUNDS 20000

static struct faketime record;

static bool is_wall(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI ||
	       clock == CLOCK_REALTIME_ALARM;
}

/* Division that rounds downwards. */
static __int128 divide(__int128 a, __int128 b)
{
	return a / b - (a % b < 0);
}

static __int128 turn(__int128 now, __int128 pivot, __int128 fake)
{
	const __int128 rate = now < pivot ? record.rate_before : record.rate_after;

	return fake + divide((now - pivot) * rate, (__int128)1 << FAKETIME_RATE_BITS);
}

static __int128 expected(clockid_t clock, __int128 now)
{
	const __int128 wall = record.fake_seconds * SECOND + record.fake_nanoseconds;

	if (is_wall(clock)) {
		const __int128 ahead = clock == CLOCK_TAI ? record.tai_ahead : 0;

		return turn(now - ahead, record.true_wall, wall) + ahead;
	}
	if (!(record.flags & FAKETIME_MONOTONIC))
		return now;
	switch (clock) {
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_COARSE:
		return turn(now, record.true_monotonic, record.fake_monotonic);
	case CLOCK_MONOTONIC_RAW:
		return turn(now, record.true_raw, record.fake_raw);
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		return turn(now, record.true_boottime, record.fake_boottime);
	default:
		return now;
	}
}

static __int128 ns(const struct timespec *time)
{
	return time->tv_sec * SECOND + time->tv_nsec;
}

static __int128 by_call(clockid_t clock)
{
	struct timespec now = {0};

	syscall(SYS_clock_gettime, clock, &now);
	return ns(&now);
}

static int report(const char *name, clockid_t clock, int wrong)
{
	printf("%s %s %d\n", wrong ? "wrong" : "right", name, clock);
	return wrong != 0;
}

static int check_clock(clockid_t clock)
{
	struct timespec now;
	int wrong = 0;

	for (int round = 0; round < ROUNDS && !wrong; round++) {
		const __int128 before = expected(clock, by_call(clock));
		const int error = clock_gettime(clock, &now);
		const __int128 after = expected(clock, by_call(clock));

		wrong = error || now.tv_nsec < 0 || now.tv_nsec >= SECOND || ns(&now) < before ||
		        ns(&now) > after;
	}
	return report("clock_gettime", clock, wrong);
}

/* The image's own function: between two system calls, whatever is shown. */
static int check_true(clockid_t clock)
{
	int (*const ask)(int32_t, struct timespec *) =
	        (int (*)(int32_t, struct timespec *))vdk_lookup("__vdso_vdk_faketime_true",
	                                                        "LINUX_2.6");
	struct timespec now;
	int wrong = !ask;

	for (int round = 0; round < ROUNDS / 20 && !wrong; round++) {
		const __int128 before = by_call(clock);
		const int error = ask(clock, &now);
		const __int128 after = by_call(clock);

		wrong = error || ns(&now) < before || ns(&now) > after;
	}
	return report("true", clock, wrong);
}

static int check_day(void)
{
	struct timeval now;
	struct timezone zone = {77, 77}, wanted = zone;
	int wrong = 0;

	/* musl's function writes no time zone. */
#ifdef __GLIBC__
	syscall(SYS_gettimeofday, NULL, &wanted);
#endif
	for (int round = 0; round < ROUNDS && !wrong; round++) {
		const __int128 before = expected(CLOCK_REALTIME, by_call(CLOCK_REALTIME)) / 1000;
		const int error = gettimeofday(&now, round & 1 ? &zone : NULL);
		const __int128 after = expected(CLOCK_REALTIME, by_call(CLOCK_REALTIME)) / 1000;
		const __int128 us = now.tv_sec * (__int128)1000000 + now.tv_usec;

		wrong = error || us < before || us > after || now.tv_usec < 0 ||
		        now.tv_usec > 999999;
	}
	return report("gettimeofday", 0, wrong || memcmp(&zone, &wanted, sizeof(zone)));
}

static int check_time(void)
{
	int wrong = 0;

	for (int round = 0; round < ROUNDS && !wrong; round++) {
		const clockid_t coarse = CLOCK_REALTIME_COARSE;
		const __int128 before = divide(expected(coarse, by_call(coarse)), SECOND);
		time_t stored = 1;
		const time_t now = time(&stored);
		const __int128 after = divide(expected(coarse, by_call(coarse)), SECOND);

		wrong = now != stored || now < before || now > after;
	}
	return report("time", 0, wrong);
}

int main(int argc, char **argv)
{
	static const clockid_t clocks[] = {
	        CLOCK_REALTIME,        CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID,
	        CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
	        CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_REALTIME_ALARM,
	        CLOCK_BOOTTIME_ALARM, CLOCK_TAI,
	};
	const int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	struct vdk_page *page;
	int wrong = 0;

	if (fd < 0 || vdk_page_open(fd, 0, argv[1], &page, NULL) ||
	    vdk_record_read(page, vdk_layout_record(vdk_page_layout(page), "faketime"), &record,
	                    NULL)) {
		fprintf(stderr, "verify: no record in %s\n", argc == 2 ? argv[1] : "nothing");
		return 2;
	}
	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		struct timespec probe;

		/* Some machines have no clock that could wake them. */
		if (!syscall(SYS_clock_gettime, clocks[i], &probe))
			wrong += check_clock(clocks[i]) + check_true(clocks[i]);
	}
	wrong += check_day();
	wrong += check_time();
	vdk_page_close(page);
	return wrong ? 1 : 0;
}
