/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "look-cost.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vdk/lookup.h>

#include "inspect/classify.h"

typedef int gettimeofday_function(struct timeval *, struct timezone *);

/* An odd number of rounds, each of calls enough to drown the two looks at the clock. */
enum { ROUNDS = 15, CALLS = 500, PATIENCE_S = 5 };

static int by_syscall(struct timeval *now, struct timezone *zone)
{
	return (int)syscall(SYS_gettimeofday, now, zone);
}

static int compare(const void *a, const void *b)
{
	const double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* The median of the rounds: an interrupt spoils one of them, not the result. */
static double measure(gettimeofday_function *function)
{
	double rounds[ROUNDS];
	struct timeval now;

	for (int i = 0; i < ROUNDS; i++) {
		const double start = now_ns();

		for (int j = 0; j < CALLS; j++)
			function(&now, NULL);
		rounds[i] = (now_ns() - start) / CALLS;
	}
	qsort(rounds, ROUNDS, sizeof(rounds[0]), compare);
	return rounds[ROUNDS / 2];
}

/* In a child of its own: whatever the call does to it, we go on. */
static double measure_apart(gettimeofday_function *function)
{
	double result = -1;
	int pipes[2], status;
	pid_t child;

	if (!function || pipe2(pipes, O_CLOEXEC))
		return -1;
	child = fork();
	if (child == 0) {
		const struct rlimit none = {0, 0};

		setrlimit(RLIMIT_CORE, &none);
		alarm(PATIENCE_S);
		result = measure(function);
		_exit(write(pipes[1], &result, sizeof(result)) == sizeof(result) ? 0 : 1);
	}
	close(pipes[1]);
	if (child < 0 || read(pipes[0], &result, sizeof(result)) != sizeof(result))
		result = -1;
	close(pipes[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return result;
}

struct look_cost look_cost(void)
{
	return (struct look_cost){
		.vsyscall = measure_apart((gettimeofday_function *)(uintptr_t)VDK_VSYSCALL_ADDRESS),
		.vdso = measure_apart((gettimeofday_function *)vdk_lookup("__vdso_gettimeofday",
		                                                          "LINUX_2.6")),
		.syscall = measure_apart(by_syscall),
	};
}
