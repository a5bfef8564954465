/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signals at 1 kHz into a program that reads all the time, whose handler reads the same record itself
 * and now and then leaves the read that it interrupted for good, by siglongjmp(3).
 *
 *   vdk run --vdso sample -- signals SECONDS
 *
 * Beside the reads, work with a known result: a sum that signals must not change, and the clocks, which
 * must not go backwards between a program and its handler. Exit: 0 nothing changed; 1 something did; 2 no image.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

#include <vdk/lookup.h>

#include "../page/sample.h"

static int (*now)(struct pair *);

/* What program and handler share: the newest count and time that either has seen. */
static volatile uint64_t newest_count, newest_time;
static uint32_t expected;
static volatile uint64_t wrong, signals, torn, backwards, failed, left, reads;
static sigjmp_buf away;
static volatile sig_atomic_t may_leave;

static uint64_t clock_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Whatever was known before the call, the call must not be older. */
static void look(void)
{
	const uint64_t count_before = newest_count, time_before = newest_time;
	struct pair pair;
	const int error = now(&pair);
	const uint64_t time = clock_now();

	if (error)
		failed++;
	else if (!pair_holds(&pair))
		torn++;
	backwards += (!error && pair.count < count_before) || time < time_before;
	if (!error && pair.count > newest_count)
		newest_count = pair.count;
	if (time > newest_time)
		newest_time = time;
}

static void handler(int signal)
{
	(void)signal;
	signals++;
	look();
	if (may_leave && signals % 4 == 0) {
		left++;
		siglongjmp(away, 1);
	}
}

static __attribute__((noinline)) uint32_t work(void)
{
	uint32_t sum = 1;

	for (uint32_t i = 0; i < 2000; i++)
		sum = sum * 1664525 + i;
	return sum;
}

int main(int argc, char **argv)
{
	const struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0}};
	struct sigaction action = {.sa_handler = handler};
	static uint64_t end; /* siglongjmp() leaves it alone */

	expected = work();
	now = (int (*)(struct pair *))vdk_lookup("__vdso_sample_pair", "LINUX_2.6");
	if (!now || argc < 2)
		return 2;
	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	end = clock_now() + (uint64_t)atoi(argv[1]) * 1000000000;
	puts("reads"); /* and can be sent signals from now on */
	fflush(stdout);
	setitimer(ITIMER_REAL, &often, NULL);
	while (newest_time < end) {
		if (!sigsetjmp(away, 1)) {
			may_leave = 1;
			for (int i = 0; i < 100; i++, reads++)
				look();
		}
		may_leave = 0;
		wrong += work() != expected;
	}
	setitimer(ITIMER_REAL, &never, NULL);
	printf("figure signals %llu\nfigure reads %llu\nfigure reads_left_by_siglongjmp %llu\n"
	       "figure torn %llu\nfigure backwards %llu\nfigure reads_without_an_answer %llu\n"
	       "figure wrong_results %llu\n",
	       (unsigned long long)signals, (unsigned long long)reads, (unsigned long long)left,
	       (unsigned long long)torn, (unsigned long long)backwards, (unsigned long long)failed,
	       (unsigned long long)wrong);
	return torn || backwards || wrong || failed || signals < 100 || !left;
}
