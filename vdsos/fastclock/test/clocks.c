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
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vdk/lookup.h>

#define NS 1000000000ll

typedef int clock_function(int clock, struct timespec *time);
typedef int gettimeofday_function(struct timeval *time, struct timezone *zone);
typedef long time_function(long *time);
typedef int64_t ns_function(void);
typedef int bounds_function(int64_t *earliest, int64_t *latest);

static struct vdk_lookup_image attached, kernel;
static clock_function *ours, *theirs;
static gettimeofday_function *our_day, *their_day;
static time_function *our_time, *their_time;
static ns_function *now_ns[4];
static bounds_function *bounds;

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

static int64_t get(clock_function *function, int clock)
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

/* ---- abi ------------------------------------------------------------------------------------ */

static void *bad_memory;

static int case_clock(int clock, void *time)
{
	return ours(clock, time);
}

static int case_day(int with_zone, void *pointer)
{
	return with_zone ? our_day(NULL, pointer) : our_day(pointer, NULL);
}

static int case_time(int unused, void *pointer)
{
	(void)unused;
	return our_time(pointer) > 0 ? 0 : -1;
}

/* In a child: 0 and more is what it returned (negated errno), -1 it died of SIGSEGV. */
static int in_child(int (*function)(int, void *), int number, void *pointer)
{
	const pid_t child = fork();
	int status;

	if (child == 0)
		_exit(-function(number, pointer) & 0x7f);
	waitpid(child, &status, 0);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV ? -1 : -2;
}

static int expect(const char *what, int found, int wanted)
{
	const int held = found == wanted || (wanted == EFAULT && found == -1);

	printf("%s - %s: %d\n", held ? "ok" : "not ok", what, found);
	return !held;
}

static int abi(void)
{
	static const int ids[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, -2, -6};
	static const int wrong[] = {10, 12, 15, 16, 31, 32, 33, 63, 64, 1000, 0x7fffffff,
	                            (int)0x80000000, -1};
	static struct timespec now;
	static struct timeval day;
	static struct timezone zone;
	void *pointers[4];
	char what[64];
	int failed = 0;

	bad_memory = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pointers[0] = NULL;
	pointers[1] = (void *)UINTPTR_MAX;
	pointers[2] = bad_memory;
	pointers[3] = (char *)bad_memory + 4096;
	mprotect(pointers[3], 4096, PROT_READ);
	for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		const long real = syscall(SYS_clock_gettime, ids[i], &now);

		snprintf(what, sizeof(what), "clock %d", ids[i]);
		failed += expect(what, in_child(case_clock, ids[i], &now), real ? errno : 0);
		for (int j = 0; j < 4 && real == 0; j++) {
			snprintf(what, sizeof(what), "clock %d, bad pointer %d", ids[i], j);
			failed += expect(what, in_child(case_clock, ids[i], pointers[j]), EFAULT);
		}
	}
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const long real = syscall(SYS_clock_gettime, wrong[i], &now);

		snprintf(what, sizeof(what), "clock %d as the system call", wrong[i]);
		failed += expect(what, in_child(case_clock, wrong[i], &now), real ? errno : 0);
		snprintf(what, sizeof(what), "clock %d, NULL", wrong[i]);
		if (real)
			failed += expect(what, in_child(case_clock, wrong[i], NULL), errno);
	}
	failed += expect("gettimeofday", in_child(case_day, 0, &day), 0);
	failed += expect("gettimeofday NULL", in_child(case_day, 0, NULL), 0);
	failed += expect("gettimeofday zone", in_child(case_day, 1, &zone), 0);
	failed += expect("gettimeofday zone NULL", in_child(case_day, 1, NULL), 0);
	failed += expect("time NULL", in_child(case_time, 0, NULL), 0);
	for (int j = 1; j < 4; j++) {
		snprintf(what, sizeof(what), "gettimeofday, bad pointer %d", j);
		failed += expect(what, in_child(case_day, 0, pointers[j]), EFAULT);
		snprintf(what, sizeof(what), "gettimeofday, bad zone %d", j);
		failed += expect(what, in_child(case_day, 1, pointers[j]), EFAULT);
		snprintf(what, sizeof(what), "time, bad pointer %d", j);
		failed += expect(what, in_child(case_time, 0, pointers[j]), EFAULT);
	}
	return failed != 0;
}

/* ---- torture -------------------------------------------------------------------------------- */

/* The latest time that any thread was ever told. In lines of their own. */
static struct {
	_Atomic int64_t ns;
	char pad[56];
} latest[2] __attribute__((aligned(64)));

static _Atomic int64_t backward, worst_backward, reads;
static _Atomic int ended;
static int with_realtime;

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
		if (!with_realtime)
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

static int torture(int seconds)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[257];
	long count = cpus < 256 ? cpus : 256;

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
	with_realtime = argc > 3;
	if (!strcmp(mode, "verify"))
		return verify(seconds);
	if (!strcmp(mode, "abi"))
		return abi();
	if (!strcmp(mode, "torture"))
		return torture(seconds);
	if (!strcmp(mode, "same"))
		return same();
	if (!strcmp(mode, "bounds"))
		return print_bounds();
	if (!strcmp(mode, "coarse"))
		return coarse();
	fputs("usage: clocks verify|abi|torture|same|bounds|coarse [SECONDS] [realtime]\n", stderr);
	return 2;
}
