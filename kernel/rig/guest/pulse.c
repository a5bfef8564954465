/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pulse FORCE MILLISECONDS - read the record `pulse` of the kernel's page all the time
 *
 * With FORCE 1 a child on the other CPU sets the clock without pause, which makes the kernel update
 * its page each time. Prints "updates N torn M": by how much the count grew, and how many
 * reads got fields that do not belong together. Exits 0 if none did and nothing went back.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>
#include <vdk/lookup.h>

#include "pulse.page.h"

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static pid_t force_updates(void)
{
	const pid_t child = fork();

	if (child != 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	stay_on(1);
	for (;;) {
		/* By no offset at all: time goes on as it would have. */
		struct timex nothing = {.modes = ADJ_SETOFFSET | ADJ_NANO};

		if (clock_adjtime(CLOCK_REALTIME, &nothing) < 0) {
			perror("clock_adjtime");
			_exit(1);
		}
	}
}

/* What examples/pulse promises of its record at every moment. */
static int whole(const struct pulse *pulse)
{
	return pulse->first + pulse->sum == pulse->last &&
	       (pulse->count < 2 || pulse->shortest <= pulse->longest);
}

static long milliseconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000 + (now.tv_nsec - start->tv_nsec) / 1000000;
}

int main(int argc, char **argv)
{
	int (*const read_pulse)(struct pulse *) =
	        (int (*)(struct pulse *))vdk_lookup("__vdso_pulse_read", "LINUX_2.6");
	const long duration = argc > 2 ? atol(argv[2]) : 1000;
	unsigned long torn = 0, failed = 0, back = 0;
	struct pulse first, last, now;
	struct timespec start;
	pid_t child = 0;

	if (!read_pulse || read_pulse(&first)) {
		puts("no pulse here");
		return 1;
	}
	if (argc > 1 && atoi(argv[1]))
		child = force_updates();
	stay_on(0);
	last = first;
	clock_gettime(CLOCK_MONOTONIC, &start);
	while (milliseconds_since(&start) < duration) {
		for (int i = 0; i < 200; i++) {
			if (read_pulse(&now)) {
				failed++;
				continue;
			}
			torn += !whole(&now);
			back += now.count < last.count;
			last = now;
		}
	}
	if (child)
		kill(child, SIGKILL);
	printf("failed %lu back %lu updates %llu torn %lu\n", failed, back,
	       (unsigned long long)(last.count - first.count), torn);
	return torn || failed || back;
}
