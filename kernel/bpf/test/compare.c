/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The image's answers beside /proc/stat's.
 *
 *   compare values   print switches and tasks of the image between two looks at /proc/stat
 *   compare cost     print what one look costs, in ns: median of several rounds
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runqueue.h"

#define ROUNDS 9

struct stat_values {
	int64_t switches;
	int running;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int64_t find(const char *text, const char *word)
{
	const char *line = strstr(text, word);

	return line ? strtoll(line + strlen(word), NULL, 10) : -1;
}

/* What programs do today. */
static struct stat_values proc_stat(void)
{
	static char text[1 << 16];
	const int fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
	const ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[size < 0 ? 0 : size] = '\0';
	return (struct stat_values){find(text, "\nctxt "), (int)find(text, "\nprocs_running ")};
}

static volatile int64_t sink;

static void look_switches(void)
{
	sink += runqueue_switches();
}

static void look_cpu_length(void)
{
	sink += runqueue_cpu_length(0);
}

static void look_proc_stat(void)
{
	sink += proc_stat().switches;
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void cost(const char *name, void (*look)(void), int count)
{
	double ns[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		const int64_t start = now_ns();

		for (int i = 0; i < count; i++)
			look();
		ns[round] = (double)(now_ns() - start) / count;
	}
	qsort(ns, ROUNDS, sizeof(ns[0]), by_value);
	printf("%s=%.1f\n", name, ns[ROUNDS / 2]);
}

static void values(void)
{
	const struct stat_values before = proc_stat();
	const int64_t end = now_ns() + 100000000;
	int64_t switches, sum = 0;
	int cpus, length = 0;

	/* Some ticks that see this program run: younger, too, than the first look. */
	while (now_ns() < end)
		;
	switches = runqueue_switches();
	cpus = runqueue_cpus();
	for (int cpu = 0; cpu < cpus; cpu++) {
		sum += runqueue_cpu_switches((unsigned)cpu);
		length += runqueue_cpu_length((unsigned)cpu);
	}
	printf("before=%" PRId64 " image=%" PRId64 " each=%" PRId64 " after=%" PRId64 "\n",
	       before.switches, switches, sum, proc_stat().switches);
	printf("cpus=%d online=%ld running=%d length=%d none=%d\n", cpus,
	       sysconf(_SC_NPROCESSORS_ONLN), runqueue_length(), length,
	       runqueue_cpu_length((unsigned)cpus));
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "cost")) {
		cost("switches", look_switches, 20000);
		cost("cpu_length", look_cpu_length, 20000);
		cost("proc_stat", look_proc_stat, 200);
		return 0;
	}
	values();
	return 0;
}
