/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * arguments: what bad pointers and bad numbers lead to is what the system call says, with one
 * exception that Linux documents (Documentation/ABI/stable/vdso): where the system call returns
 * -EFAULT a vDSO may die of SIGSEGV.
 *
 * A child runs case after case and writes each result down before it begins the next one; when
 * one kills it, another child goes on behind that.
 */
#include "verify.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vdk/vdso.h>

#define CASES_MAX 512
#define PAGE 4096

struct place {
	const char *name;
	void *address;
};

struct test_case {
	int number;      /* clock, flags */
	int place[2];    /* of up to two pointers */
	long system;     /* result of the system call */
	long function;   /* ... of the function */
	int signal;      /* ... or what it died of */
	bool done;
};

enum { GOOD, NULLS, HIGHEST, KERNEL, NOTHING, READ_ONLY, AT_END, ODD, PLACES };

static struct place places[PLACES] = {
	{"a good pointer", NULL}, {"NULL", NULL}, {"the last byte of all", (void *)UINTPTR_MAX},
	{"an address of the kernel", (void *)0xffff888000000000}, {"an inaccessible page", NULL},
	{"a read-only page", NULL}, {"a struct half in an inaccessible page", NULL},
	{"an odd address", NULL},
};

static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID,
                             CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW,
                             CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,
                             CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM, 10, CLOCK_TAI, 12, 15, 16,
                             17, 31, 32, 33, 63, 64, 127, 128, 255, 256, 65536, INT_MAX, INT_MIN,
                             INT_MIN + 1, -1, -2, -3, -6, -7, -8, -22};

static bool make_places(void)
{
	uint8_t *memory = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	                       -1, 0);

	if (memory == MAP_FAILED || mprotect(memory + PAGE, PAGE, PROT_NONE) ||
	    mprotect(memory + 2 * PAGE, PAGE, PROT_READ))
		return false;
	places[GOOD].address = memory;
	places[NOTHING].address = memory + PAGE;
	places[READ_ONLY].address = memory + 2 * PAGE;
	places[AT_END].address = memory + PAGE - 8;
	places[ODD].address = memory + 1025;
	return true;
}

/* ---- The calls ------------------------------------------------------------------------------- */

static long by_function(const struct verify_function *function, const struct test_case *test)
{
	void *const first = places[test->place[0]].address;
	void *const second = places[test->place[1]].address;
	vdk_function *const f = function->address;

	switch (function->standard) {
	case VERIFY_CLOCK_GETTIME:
		return ((vdk_clock_gettime_fn *)f)(test->number, first);
	case VERIFY_CLOCK_GETRES:
		return ((vdk_clock_getres_fn *)f)(test->number, first);
	case VERIFY_GETTIMEOFDAY:
		return ((vdk_gettimeofday_fn *)f)(first, second);
	case VERIFY_TIME:
		return ((vdk_time_fn *)f)(first);
	case VERIFY_GETCPU:
		return ((vdk_getcpu_fn *)f)(first, second, NULL);
	case VERIFY_GETRANDOM:
		return ((vdk_getrandom_fn *)f)(first, 16, (uint32_t)test->number, NULL, 0);
	case VERIFY_OWN:
		break;
	}
	return -ENOSYS;
}

static long by_system(const struct verify_function *function, const struct test_case *test)
{
	static const long numbers[] = {
	        [VERIFY_CLOCK_GETTIME] = SYS_clock_gettime,
	        [VERIFY_CLOCK_GETRES] = SYS_clock_getres, [VERIFY_GETTIMEOFDAY] = SYS_gettimeofday,
	        [VERIFY_TIME] = SYS_time, [VERIFY_GETCPU] = SYS_getcpu,
	        [VERIFY_GETRANDOM] = SYS_getrandom};
	void *const first = places[test->place[0]].address;
	void *const second = places[test->place[1]].address;
	const long number = numbers[function->standard];
	long result;

	switch (function->standard) {
	case VERIFY_CLOCK_GETTIME:
	case VERIFY_CLOCK_GETRES:
		result = syscall(number, test->number, first);
		break;
	case VERIFY_GETRANDOM:
		result = syscall(number, first, 16, test->number);
		break;
	default:
		result = syscall(number, first, second, NULL);
	}
	return result < 0 ? -errno : result;
}

/* ---- The cases ------------------------------------------------------------------------------- */

static void add(struct test_case *tests, size_t *count, int number, int first, int second)
{
	if (*count < CASES_MAX)
		tests[(*count)++] = (struct test_case){.number = number, .place = {first, second}};
}

static size_t make_cases(const struct verify_function *function, struct test_case *tests)
{
	const bool clock = function->standard == VERIFY_CLOCK_GETTIME ||
	                   function->standard == VERIFY_CLOCK_GETRES;
	const bool two = function->standard == VERIFY_GETTIMEOFDAY ||
	                 function->standard == VERIFY_GETCPU;
	static const int flags[] = {0, 1, 2, 4, 6, 8, INT_MIN, -1};
	size_t count = 0;

	for (int i = 0; i < PLACES; i++) {
		for (size_t j = 0; clock && j < sizeof(clocks) / sizeof(clocks[0]); j++)
			add(tests, &count, clocks[j], i, 0);
		for (int j = 0; two && j < PLACES; j++)
			add(tests, &count, 0, i, j);
		for (size_t j = 0; function->standard == VERIFY_GETRANDOM &&
		                   j < sizeof(flags) / sizeof(flags[0]); j++)
			if (!(flags[j] & 2)) /* GRND_RANDOM may block on old kernels */
				add(tests, &count, flags[j], i, 0);
		if (function->standard == VERIFY_TIME)
			add(tests, &count, 0, i, 0);
	}
	return count;
}

static void run_from(const struct verify_function *function, struct test_case *tests, size_t first,
                     size_t count)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_DFL);
	for (size_t i = first; i < count; i++) {
		tests[i].function = by_function(function, &tests[i]);
		tests[i].done = true;
	}
}

static bool run_all(const struct verify_function *function, struct test_case *tests, size_t count)
{
	for (size_t next = 0; next < count;) {
		const pid_t pid = fork();
		int status = 0;

		if (pid < 0)
			return false;
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			run_from(function, tests, next, count);
			_exit(0);
		}
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		while (next < count && tests[next].done)
			next++;
		if (next < count) {
			tests[next].signal = WIFSIGNALED(status) ? WTERMSIG(status) : SIGKILL;
			tests[next++].done = true;
		}
	}
	return true;
}

/* ---- The verdict ----------------------------------------------------------------------------- */

/*
 * The auxiliary clocks, which Linux has since 6.17, or has not by its configuration. Its vDSO tells
 * their resolution in both cases (include/vdso/auxclock.h of Linux), the system call only in one.
 */
static bool is_known(const struct verify_function *function, const struct test_case *test)
{
	return function->standard == VERIFY_CLOCK_GETRES && test->system == -EINVAL &&
	       test->number >= 16 && test->number <= 23 &&
	       (test->signal == SIGSEGV || (!test->signal && (int)test->function == 0));
}

static bool the_same(const struct verify_function *function, const struct test_case *test)
{
	if (test->signal)
		return test->system == -EFAULT &&
		       (test->signal == SIGSEGV || test->signal == SIGBUS);
	/* Of a time only that it is none of the errors. */
	if (function->standard == VERIFY_TIME && test->system > 0)
		return test->function > 0;
	/* The upper half of an int's register is not told. */
	return function->standard == VERIFY_CLOCK_GETTIME ||
	                       function->standard == VERIFY_CLOCK_GETRES ||
	                       function->standard == VERIFY_GETTIMEOFDAY
	               ? (int)test->function == (int)test->system
	               : test->function == test->system;
}

static const char *outcome(long result, int signal, char *text, size_t size)
{
	if (signal)
		snprintf(text, size, "%s", verify_signal_name(signal));
	else if (verify_error_name(result))
		snprintf(text, size, "-%s", verify_error_name(result));
	else
		snprintf(text, size, "%ld", result);
	return text;
}

static void tell(const struct verify_function *function, const struct test_case *test,
                 struct verify_result *result)
{
	const bool two = function->standard == VERIFY_GETTIMEOFDAY ||
	                 function->standard == VERIFY_GETCPU;
	char expected[32], found[32], number[32] = "";

	if (!two && function->standard != VERIFY_TIME)
		snprintf(number, sizeof(number), "%d, ", test->number);
	verify_say(result, VERIFY_FAIL, "(%s%s%s%s): expected %s%s, found %s", number,
	           places[test->place[0]].name, two ? ", " : "",
	           two ? places[test->place[1]].name : "",
	           outcome(test->system, 0, expected, sizeof(expected)),
	           test->system == -EFAULT ? " or SIGSEGV" : "",
	           outcome(test->function, test->signal, found, sizeof(found)));
}

static void check(const struct verify *verify, const struct verify_function *function, int64_t ns,
                  struct verify_result *result)
{
	struct test_case *tests = mmap(NULL, CASES_MAX * sizeof(*tests), PROT_READ | PROT_WRITE,
	                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t count, faults = 0, known = 0;

	if (tests == MAP_FAILED || !make_places()) {
		verify_say(result, VERIFY_SKIP, "no memory: %s", strerror(errno));
		return;
	}
	count = make_cases(function, tests);
	for (size_t i = 0; i < count; i++)
		tests[i].system = by_system(function, &tests[i]);
	if (!run_all(function, tests, count)) {
		verify_say(result, VERIFY_SKIP, "no process: %s", strerror(errno));
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (is_known(function, &tests[i])) {
			known++;
			continue;
		}
		if (!the_same(function, &tests[i])) {
			tell(function, &tests[i], result);
			return;
		}
		faults += tests[i].signal != 0;
	}
	verify_say(result, VERIFY_OK,
	           "%zu cases as the system call; %zu of them SIGSEGV for its -EFAULT%s",
	           count - known, faults,
	           known ? "; auxiliary clocks that are not there, as known of Linux" : "");
}

static bool applies(const struct verify_function *function)
{
	return function->standard != VERIFY_OWN;
}

const struct verify_property verify_arguments = {
	"arguments", "bad pointers and numbers lead to what the system call says", false, applies,
	check};
