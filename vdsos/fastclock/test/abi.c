/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bad pointers and ids, each in a child of its own: the same errors as the system call's, and for a
 * bad pointer EFAULT or, as in the kernel's own vDSO, SIGSEGV.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clocks.h"

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

int abi(void)
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
