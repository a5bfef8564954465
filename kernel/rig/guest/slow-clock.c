/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * slow-clock - hold clock_gettime() to the system call of that name
 *
 *     cost                  "calls N ns, system calls N ns, faster N": the least of many rounds,
 *                           since an emulated CPU is often put aside, and the ratio, rounded
 *     same MILLISECONDS     how far the two are apart, ns; exit 1 if more than is allowed
 *     forward MILLISECONDS  threads on all CPUs never see time go back; exit 1 if one did
 */
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/*
 * The clock must lie between two system calls, but for what a line does that was not renewed in
 * time, as on a busy machine: it coasts for up to 0.38 s, a thousandth slower than the clock.
 */
#define APART_NS 500000

static int64_t ns_of(const struct timespec *time)
{
	return time->tv_sec * (int64_t)1000000000 + time->tv_nsec;
}

static int64_t by_call(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ns_of(&now);
}

static int64_t by_system_call(void)
{
	struct timespec now;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	return ns_of(&now);
}

enum { ROUNDS = 100, CALLS = 300 };

static double cost_of(int64_t (*clock)(void))
{
	const int64_t begin = by_system_call();

	for (int i = 0; i < CALLS; i++)
		clock();
	return (double)(by_system_call() - begin) / CALLS;
}

static int cost(void)
{
	double calls = 1e18, system_calls = 1e18;

	for (int i = 0; i < ROUNDS; i++) {
		const double call = cost_of(by_call), system_call = cost_of(by_system_call);

		calls = call < calls ? call : calls;
		system_calls = system_call < system_calls ? system_call : system_calls;
	}
	printf("calls %.0f ns, system calls %.0f ns, faster %.0f\n", calls, system_calls,
	       system_calls / calls);
	return 0;
}

static int same(long milliseconds)
{
	const int64_t end = by_system_call() + milliseconds * 1000000;
	int64_t early = 0, late = 0;
	unsigned long reads = 0;

	for (;; reads++) {
		const int64_t before = by_system_call(), now = by_call(),
		              after = by_system_call();

		if (before - now > early)
			early = before - now;
		if (now - after > late)
			late = now - after;
		if (after > end)
			break;
	}
	printf("%lu reads, outside of two system calls by at most %lld ns below, %lld above\n", reads,
	       (long long)early, (long long)late);
	return early > APART_NS || late > APART_NS;
}

static int64_t newest; /* that any thread has seen */
static int64_t until;

static void *look(void *cpu)
{
	uintptr_t back = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((int)(intptr_t)cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	for (;;) {
		/* Acquire: what others saw before the read that follows here. */
		int64_t seen = __atomic_load_n(&newest, __ATOMIC_ACQUIRE);
		const int64_t now = by_call();

		back += now < seen;
		/* Release: pairs with the load above in the other threads. */
		while (now > seen && !__atomic_compare_exchange_n(&newest, &seen, now, 0,
		                                                  __ATOMIC_RELEASE,
		                                                  __ATOMIC_RELAXED))
			;
		if (now > until)
			return (void *)back;
	}
}

static int forward(long milliseconds)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[64];
	uintptr_t all = 0;

	until = by_call() + milliseconds * 1000000;
	for (intptr_t i = 0; i < cpus && i < 64; i++)
		pthread_create(&threads[i], NULL, look, (void *)i);
	for (intptr_t i = 0; i < cpus && i < 64; i++) {
		void *back;

		pthread_join(threads[i], &back);
		all += (uintptr_t)back;
	}
	printf("%lu steps back on %ld CPUs\n", (unsigned long)all, cpus);
	return all != 0;
}

int main(int argc, char **argv)
{
	const long milliseconds = argc > 2 ? atol(argv[2]) : 1000;

	if (argc > 1 && !strcmp(argv[1], "cost"))
		return cost();
	if (argc > 1 && !strcmp(argv[1], "same"))
		return same(milliseconds);
	if (argc > 1 && !strcmp(argv[1], "forward"))
		return forward(milliseconds);
	return 2;
}
