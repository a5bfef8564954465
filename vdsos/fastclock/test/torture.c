/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All CPUs read all clocks: no time may be earlier than one that any thread was told before it asked.
 * Each thread looks at the latest time that anybody has told, asks, compares, and tells its own.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "clocks.h"

/* The latest time that any thread was ever told. In lines of their own. */
static struct {
	_Atomic int64_t ns;
	char pad[56];
} latest[2] __attribute__((aligned(64)));

static _Atomic int64_t backward, worst_backward, reads;
static _Atomic int ended;
static int realtime_too;

static void check(int which, int64_t before, int64_t value, const char *what)
{
	if (value < before) {
		int64_t worst = worst_backward;

		if (backward++ < 20)
			printf("# %s: %lld ns back\n", what, (long long)(before - value));
		while (before - value > worst &&
		       !__atomic_compare_exchange_n((int64_t *)&worst_backward, &worst,
		                                    before - value, 0, __ATOMIC_SEQ_CST,
		                                    __ATOMIC_SEQ_CST))
			;
	}
	int64_t seen = __atomic_load_n((int64_t *)&latest[which].ns, __ATOMIC_ACQUIRE);

	while (value > seen &&
	       !__atomic_compare_exchange_n((int64_t *)&latest[which].ns, &seen, value, 0,
	                                    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		;
}

static int64_t before(int which)
{
	return __atomic_load_n((int64_t *)&latest[which].ns, __ATOMIC_ACQUIRE);
}

static void *torture_thread(void *argument)
{
	const long cpu = (long)argument;
	int64_t count = 0, was, value, last = 0;
	struct timeval day;
	cpu_set_t set;

	CPU_ZERO(&set);
	if (cpu >= 0) {
		CPU_SET(cpu, &set);
		sched_setaffinity(0, sizeof(set), &set);
	}
	while (!ended) {
		was = before(1);
		value = get(ours, CLOCK_MONOTONIC);
		check(1, was, value, "CLOCK_MONOTONIC");
		was = before(1);
		value = now_ns[1]();
		check(1, was, value, "vdk_now_monotonic");
		/* In one thread alone, without the traffic between the CPUs. */
		for (int i = 0; i < 20; i++) {
			last = value;
			value = i & 1 ? now_ns[1]() : get(ours, CLOCK_MONOTONIC);
			check(1, last, value, "CLOCK_MONOTONIC in one thread");
		}
		count += 22;
		if (!realtime_too)
			continue;
		was = before(0);
		our_day(&day, NULL);
		value = day.tv_sec * NS + day.tv_usec * 1000;
		check(0, was - 999, value, "gettimeofday"); /* whole us */
		was = before(0);
		value = count & 1 ? now_ns[0]() : get(ours, CLOCK_REALTIME);
		check(0, was, value, "CLOCK_REALTIME");
		count += 2;
	}
	reads += count;
	return NULL;
}

int torture(int seconds, int with_realtime)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[257];
	long count = cpus < 256 ? cpus : 256;

	realtime_too = with_realtime;
	/* One per CPU, and one that wanders. */
	for (long i = 0; i <= count; i++)
		pthread_create(&threads[i], NULL, torture_thread, (void *)(i < count ? i : -1));
	sleep((unsigned)seconds);
	ended = 1;
	for (long i = 0; i <= count; i++)
		pthread_join(threads[i], NULL);
	printf("%lld reads on %ld CPUs in %d s: %lld backward, the worst %lld ns\n",
	       (long long)reads, cpus, seconds, (long long)backward, (long long)worst_backward);
	return backward != 0;
}
