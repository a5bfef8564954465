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

#include "base/cleanup.h"
#include "inspect/classify.h"

typedef int gettimeofday_function(struct timeval *, struct timezone *);
typedef int clock_function(clockid_t, struct timespec *);

/* One of the two functions, the other one NULL. */
struct way {
	gettimeofday_function *by_day;
	clock_function *by_clock;
	clockid_t clock;
};

/* An odd number of rounds, each of calls enough to drown the two looks at the clock. */
enum { ROUNDS = 15, CALLS = 500, PATIENCE_S = 5 };

static int by_syscall(struct timeval *now, struct timezone *zone)
{
	return (int)syscall(SYS_gettimeofday, now, zone);
}

static int clock_by_syscall(clockid_t clock, struct timespec *now)
{
	return (int)syscall(SYS_clock_gettime, clock, now);
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
static double measure(struct way way)
{
	double rounds[ROUNDS];
	struct timespec clock;
	struct timeval day;

	for (int i = 0; i < ROUNDS; i++) {
		const double start = now_ns();

		for (int j = 0; j < CALLS && way.by_day; j++)
			way.by_day(&day, NULL);
		for (int j = 0; j < CALLS && way.by_clock; j++)
			if (way.by_clock(way.clock, &clock))
				return -1;
		rounds[i] = (now_ns() - start) / CALLS;
	}
	qsort(rounds, ROUNDS, sizeof(rounds[0]), compare);
	return rounds[ROUNDS / 2];
}

/* In a child of its own: whatever the call does to it, we go on. */
static double measure_apart(struct way way)
{
	double result = -1;
	int pipes[2], status;
	pid_t child;

	if ((!way.by_day && !way.by_clock) || pipe2(pipes, O_CLOEXEC))
		return -1;
	child = fork();
	if (child == 0) {
		const struct rlimit none = {0, 0};

		setrlimit(RLIMIT_CORE, &none);
		alarm(PATIENCE_S);
		result = measure(way);
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

static struct way day(gettimeofday_function *function)
{
	return (struct way){.by_day = function};
}

struct look_cost look_cost(void)
{
	return (struct look_cost){
		.vsyscall = measure_apart(
			day((gettimeofday_function *)(uintptr_t)VDK_VSYSCALL_ADDRESS)),
		.vdso = measure_apart(day(
			(gettimeofday_function *)vdk_lookup("__vdso_gettimeofday", "LINUX_2.6"))),
		.syscall = measure_apart(day(by_syscall)),
	};
}

/* By the vector that the kernel keeps, whatever vDSO was attached to us. NULL: there is none. */
static clock_function *kernel_function(void)
{
	vdk_cleanup_close int fd = open("/proc/self/auxv", O_RDONLY | O_CLOEXEC);
	struct vdk_lookup_image image;
	unsigned long auxv[256];
	ssize_t size;

	if (fd < 0)
		return NULL;
	size = read(fd, auxv, sizeof(auxv));
	if (size <= 0 || vdk_lookup_open_auxv(auxv, (size_t)size / (2 * sizeof(auxv[0])), &image))
		return NULL;
	return (clock_function *)vdk_lookup_symbol(&image, "__vdso_clock_gettime", NULL);
}

struct look_clock_cost look_clock_cost(void)
{
	clock_function *const function = kernel_function();

	return (struct look_clock_cost){
		.vdso = measure_apart((struct way){.by_clock = function, .clock = CLOCK_MONOTONIC}),
		.coarse = measure_apart(
			(struct way){.by_clock = function, .clock = CLOCK_MONOTONIC_COARSE}),
		.syscall = measure_apart(
			(struct way){.by_clock = clock_by_syscall, .clock = CLOCK_MONOTONIC}),
		.vsyscall = measure_apart(
			day((gettimeofday_function *)(uintptr_t)VDK_VSYSCALL_ADDRESS)),
	};
}
