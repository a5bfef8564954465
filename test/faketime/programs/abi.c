/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * abi - what bad pointers and bad clocks lead to, a line each; each case in a child of its own
 *
 * The functions are called through the attached vDSO, not through libc, so that the result is the
 * function's own. Runs natively and under a faked time must print the same.
 */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vdk/lookup.h>

typedef int clock_fn(int, void *);
typedef int day_fn(void *, void *);
typedef long time_fn(void *);

static clock_fn *get, *resolution, *truth;
static day_fn *of_day;
static time_fn *seconds;

static const int clocks[] = {0,  1,  2,  3,  4,  5,  6,  7,       8,       9,  10, 11, 12, 16,
                             31, 32, 33, 63, 64, 99, -1, INT_MAX, INT_MIN, -2, -6, -22, -30};

struct place {
	const char *name;
	void *address;
};

static struct place places[5];

/* How a call ends: its result where that is no time, or the signal. */
static void in_child(const char *name, int clock, const struct place *place, const struct place *other,
                     int which)
{
	const pid_t child = fork();
	int status;

	if (!child) {
		long result = 0;

		switch (which) {
		case 0:
			result = get(clock, place->address);
			break;
		case 1:
			result = resolution(clock, place->address);
			break;
		case 2:
			result = of_day(place->address, other->address);
			break;
		case 3:
			result = seconds(place->address) > 0 ? 0 : 1;
			break;
		case 4:
			result = truth(clock, place->address);
			break;
		}
		_exit((int)-result & 0xff);
	}
	waitpid(child, &status, 0);
	printf("%s %d %s %s: %s %d\n", name, clock, place->name, other ? other->name : "",
	       WIFSIGNALED(status) ? "signal" : "error",
	       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	fflush(stdout);
}

int main(void)
{
	static char good[64];

	get = (clock_fn *)(uintptr_t)vdk_lookup("__vdso_clock_gettime", "LINUX_2.6");
	resolution = (clock_fn *)(uintptr_t)vdk_lookup("__vdso_clock_getres", "LINUX_2.6");
	of_day = (day_fn *)(uintptr_t)vdk_lookup("__vdso_gettimeofday", "LINUX_2.6");
	seconds = (time_fn *)(uintptr_t)vdk_lookup("__vdso_time", "LINUX_2.6");
	/* Natively there is none: then the kernel's answers are those that it must give, too. */
	truth = (clock_fn *)(uintptr_t)vdk_lookup("__vdso_vdk_faketime_true", "LINUX_2.6");
	if (!truth)
		truth = get;
	if (!get || !resolution || !of_day || !seconds)
		return 77;
	places[0] = (struct place){"good", good};
	places[1] = (struct place){"NULL", NULL};
	places[2] = (struct place){"highest", (void *)(UINTPTR_MAX - 15)};
	places[3] = (struct place){"none", mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
	                                        -1, 0)};
	places[4] = (struct place){"read-only", mmap(NULL, 4096, PROT_READ,
	                                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)};
	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		for (int j = 0; j < 5; j++) {
			in_child("clock_gettime", clocks[i], &places[j], NULL, 0);
			in_child("clock_getres", clocks[i], &places[j], NULL, 1);
			in_child("true", clocks[i], &places[j], NULL, 4);
		}
	for (int j = 0; j < 5; j++) {
		for (int k = 0; k < 5; k++)
			in_child("gettimeofday", 0, &places[j], &places[k], 2);
		in_child("time", 0, &places[j], NULL, 3);
	}
	return 0;
}
