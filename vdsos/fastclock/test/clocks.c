/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clocks - what fastclock promises, from inside a program that it is attached to
 *
 *   clocks verify SECONDS    each clock against the kernel's: how far away? p99.9 within 200 ns
 *   clocks abi               bad pointers and ids, each in a child of its own
 *   clocks torture SECONDS [realtime]
 *                            all CPUs, all functions: no time may be earlier than one that any
 *                            thread had before
 *   clocks same              the clocks are the kernel's own answers right now
 *   clocks bounds            print the status and the width of vdk_now_bounds()
 *   clocks coarse            is a coarse clock the kernel's, and how much older?
 *
 * Exit status: 0 held, 1 did not, 2 usage, 3 not attached.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vdk/lookup.h>

#include "clocks.h"

static struct vdk_lookup_image attached, kernel;
clock_function *ours, *theirs;
gettimeofday_function *our_day, *their_day;
time_function *our_time, *their_time;
ns_function *now_ns[4];
bounds_function *bounds;

static void *symbol(const struct vdk_lookup_image *image, const char *name)
{
	vdk_function *const function = vdk_lookup_symbol(image, name, "LINUX_2.6");

	if (!function) {
		fprintf(stderr, "clocks: the vDSO lacks %s\n", name);
		exit(3);
	}
	return (void *)(uintptr_t)function;
}

static void find(void)
{
	unsigned long auxv[128] = {0};
	const int fd = open("/proc/self/auxv", O_RDONLY | O_CLOEXEC);
	const ssize_t size = fd < 0 ? 0 : read(fd, auxv, sizeof(auxv));

	if (size <= 0 ||
	    vdk_lookup_open_auxv(auxv, (size_t)size / (2 * sizeof(*auxv)), &kernel) ||
	    vdk_lookup_open_self(&attached) || attached.base == kernel.base) {
		fputs("clocks: run this by `vdk run --vdso NAME`\n", stderr);
		exit(3);
	}
	close(fd);
	ours = symbol(&attached, "__vdso_clock_gettime");
	our_day = symbol(&attached, "__vdso_gettimeofday");
	our_time = symbol(&attached, "__vdso_time");
	theirs = symbol(&kernel, "__vdso_clock_gettime");
	their_day = symbol(&kernel, "__vdso_gettimeofday");
	their_time = symbol(&kernel, "__vdso_time");
	now_ns[0] = symbol(&attached, "__vdso_vdk_now_realtime");
	now_ns[1] = symbol(&attached, "__vdso_vdk_now_monotonic");
	now_ns[2] = symbol(&attached, "__vdso_vdk_now_realtime_unordered");
	now_ns[3] = symbol(&attached, "__vdso_vdk_now_monotonic_unordered");
	bounds = symbol(&attached, "__vdso_vdk_now_bounds");
}

int64_t get(clock_function *function, int clock)
{
	struct timespec now = {0};

	if (function(clock, &now)) {
		fprintf(stderr, "clocks: clock %d failed\n", clock);
		exit(1);
	}
	if (now.tv_nsec < 0 || now.tv_nsec >= NS) {
		printf("not ok - clock %d: %ld ns\n", clock, now.tv_nsec);
		exit(1);
	}
	return now.tv_sec * NS + now.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* ---- verify --------------------------------------------------------------------------------- */

#define SAMPLES 400000

/*
 * Ours between two of the kernel's, and the other way round for the next sample: the distance to
 * the middle of the two. An interrupt between them says nothing about clocks: left out when the
 * two are more than 1 us apart.
 */
static int verify_clock(const char *name, int clock, int seconds, ns_function *ns)
{
	static int64_t distance[SAMPLES];
	const int64_t end = get(theirs, CLOCK_MONOTONIC) + seconds * NS;
	int64_t outside = 0, count = 0, all = 0;

	while (get(theirs, CLOCK_MONOTONIC) < end && count < SAMPLES) {
		for (int i = 0; i < 50 && count < SAMPLES; i++, all++) {
			const int64_t before = get(theirs, clock);
			const int64_t value = ns ? ns() : get(ours, clock);
			const int64_t after = get(theirs, clock);
			const int64_t off = value - (before + (after - before) / 2);

			if (after - before > 1000)
				continue;
			outside += value < before || value > after;
			distance[count++] = off < 0 ? -off : off;
		}
		usleep(100);
	}
	qsort(distance, (size_t)count, sizeof(distance[0]), by_value);
	printf("%-28s %lld samples: median %lld, p99.9 %lld, most %lld ns; outside of the "
	       "kernel's two reads %.3f %%\n", name, (long long)count,
	       (long long)distance[count / 2], (long long)distance[count * 999 / 1000],
	       (long long)distance[count - 1], 100.0 * (double)outside / (double)count);
	if (count < all / 2 || distance[count * 999 / 1000] > 200) {
		printf("not ok - %s: p99.9 is more than 200 ns\n", name);
		return 1;
	}
	return 0;
}

/* The system call itself, as the kernel's own test has it: before <= ours <= after. */
static int verify_bracket(int clock, int64_t allowed)
{
	int64_t worst = 0;

	for (int i = 0; i < 20000; i++) {
		struct timespec a, b;
		int64_t value, low, high;

		syscall(SYS_clock_gettime, clock, &a);
		value = get(ours, clock);
		syscall(SYS_clock_gettime, clock, &b);
		low = a.tv_sec * NS + a.tv_nsec - value;
		high = value - (b.tv_sec * NS + b.tv_nsec);
		worst = low > worst ? low : worst;
		worst = high > worst ? high : worst;
	}
	printf("clock %d: at most %lld ns outside of two system calls\n", clock, (long long)worst);
	if (worst > allowed)
		printf("not ok - clock %d: outside of two system calls\n", clock);
	return worst > allowed;
}

static int verify(int seconds)
{
	static const int all[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI};
	int failed = 0;
	struct timeval day, same_day;
	struct timezone zone = {77, 77}, same_zone = {88, 88};

	failed += verify_clock("CLOCK_REALTIME", CLOCK_REALTIME, seconds, NULL);
	failed += verify_clock("CLOCK_MONOTONIC", CLOCK_MONOTONIC, seconds, NULL);
	failed += verify_clock("CLOCK_BOOTTIME", CLOCK_BOOTTIME, seconds, NULL);
	failed += verify_clock("CLOCK_TAI", CLOCK_TAI, seconds, NULL);
	failed += verify_clock("CLOCK_MONOTONIC_RAW", CLOCK_MONOTONIC_RAW, 1, NULL);
	failed += verify_clock("vdk_now_realtime", CLOCK_REALTIME, 1, now_ns[0]);
	failed += verify_clock("vdk_now_monotonic", CLOCK_MONOTONIC, 1, now_ns[1]);
	failed += verify_clock("vdk_now_realtime_unordered", CLOCK_REALTIME, 1, now_ns[2]);
	failed += verify_clock("vdk_now_monotonic_unordered", CLOCK_MONOTONIC, 1, now_ns[3]);
	for (unsigned i = 0; i < 4; i++)
		failed += verify_bracket(all[i], 200);
	their_day(&same_day, &same_zone);
	our_day(&day, &zone);
	if (memcmp(&zone, &same_zone, sizeof(zone)) ||
	    (day.tv_sec - same_day.tv_sec) * 1000000 + day.tv_usec - same_day.tv_usec > 100000) {
		puts("not ok - gettimeofday");
		failed++;
	}
	if (our_time(NULL) - their_time(NULL) > 1 || our_time(NULL) < their_time(NULL) - 1) {
		puts("not ok - time");
		failed++;
	}
	return failed != 0;
}

/* ---- The rest ------------------------------------------------------------------------------- */

/*
 * Of the kernel's and our answers to the same id one is always later than the other: chained ones
 * can only be told by that they lie between two of the kernel's, every time.
 */
static int same(void)
{
	for (int i = 0; i < 100000; i++) {
		const int64_t first = get(theirs, CLOCK_MONOTONIC);
		const int64_t value = get(ours, CLOCK_MONOTONIC);
		const int64_t last = get(theirs, CLOCK_MONOTONIC);

		if (value < first || value > last) {
			printf("not ok - ours %lld is not between %lld and %lld\n",
			       (long long)value, (long long)first, (long long)last);
			return 1;
		}
	}
	return 0;
}

static int print_bounds(void)
{
	int64_t earliest = 1, latest_utc = 2, now;
	const int status = bounds(&earliest, &latest_utc);

	now = get(theirs, CLOCK_REALTIME);
	if (status == 0) {
		puts("unknown");
		return earliest != INT64_MIN || latest_utc != INT64_MAX;
	}
	printf("%s %lld\n", status == 1 ? "synchronised" : "free-running",
	       (long long)(latest_utc - earliest));
	return earliest > now || latest_utc < now;
}

static int coarse(void)
{
	int64_t oldest = 0, newest = 0;

	for (int i = 0; i < 2000; i++) {
		const int64_t value = get(ours, CLOCK_MONOTONIC_COARSE);
		const int64_t age = get(theirs, CLOCK_MONOTONIC_COARSE) - value;

		oldest = age > oldest ? age : oldest;
		newest = age < newest ? age : newest;
		usleep(500);
	}
	printf("%lld %lld\n", (long long)oldest, (long long)newest);
	return 0;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	const int seconds = argc > 2 ? atoi(argv[2]) : 2;

	find();
	if (!strcmp(mode, "verify"))
		return verify(seconds);
	if (!strcmp(mode, "abi"))
		return abi();
	if (!strcmp(mode, "torture"))
		return torture(seconds, argc > 3);
	if (!strcmp(mode, "same"))
		return same();
	if (!strcmp(mode, "bounds"))
		return print_bounds();
	if (!strcmp(mode, "coarse"))
		return coarse();
	fputs("usage: clocks verify|abi|torture|same|bounds|coarse [SECONDS] [realtime]\n", stderr);
	return 2;
}
