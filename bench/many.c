/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * many - a crowd of attached processes
 *
 *   vdk run --vdso NAME bench/many [--count N] [--rounds N] PROGRAM
 *
 * Starts PROGRAM so many times, each followed and attached like any program, checks for every one
 * of them that it has the very image of this process mapped, and measures what a read costs among
 * them and after them.
 */
#include <getopt.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attached.h"
#include "bench.h"

extern char **environ;

#define PATIENCE_S 60 /* for all of them to be attached */

static volatile int result;

static __attribute__((noinline)) void loop(const struct subject *subject, uint32_t calls)
{
	int (*volatile pointer)(void) = (int (*)(void))(uintptr_t)subject->function;

	for (; calls; calls--)
		result = pointer();
}

static struct json_object *measure_reads(const struct images *images, unsigned rounds)
{
	struct subject subjects[] = {
	        {.group = "many", .name = "record packed"},
	        {.group = "many", .name = "record 64 B, one value"},
	};

	subjects[0].function = attached_symbol(&images->attached, "__vdso_line_packed");
	subjects[1].function = attached_symbol(&images->attached, "__vdso_line_one");
	subjects[0].run = subjects[1].run = loop;
	bench_rounds(subjects, 2, rounds);
	return measure_json(subjects, 2);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/*
 * Device and inode of the file that is mapped at an address of a process, as /proc/PID/maps has
 * them; address 0 means anywhere, and then `file` must be there. Lines read
 * "begin-end perms offset dev inode path".
 */
static bool find_mapping(pid_t pid, unsigned long address, char file[64])
{
	char path[32], line[512], found[64];
	bool is_there = false;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	while (maps && !is_there && fgets(line, sizeof(line), maps)) {
		unsigned long begin, end, inode;
		char device[32];

		if (sscanf(line, "%lx-%lx %*s %*s %31s %lu", &begin, &end, device, &inode) != 4)
			continue;
		snprintf(found, sizeof(found), "%s %lu", device, inode);
		if (address)
			is_there = begin <= address && address < end;
		else
			is_there = !strcmp(found, file);
	}
	if (maps)
		fclose(maps);
	if (is_there && address)
		strcpy(file, found);
	return is_there;
}

static unsigned start_all(pid_t *pids, unsigned count, char *program)
{
	char *const arguments[] = {program, NULL};

	for (unsigned i = 0; i < count; i++) {
		const int error = posix_spawn(&pids[i], program, NULL, NULL, arguments, environ);

		if (error) {
			fprintf(stderr, "bench: many: process %u: %s\n", i, strerror(error));
			return i;
		}
	}
	return count;
}

/* How many of them are attached; waits for those that are on their way. */
static unsigned count_attached(const pid_t *pids, unsigned count, char file[64])
{
	const double end = now() + PATIENCE_S;
	unsigned attached = 0;

	while (attached < count && now() < end) {
		if (find_mapping(pids[attached], 0, file))
			attached++;
		else
			usleep(1000);
	}
	return attached;
}

static void end_all(const pid_t *pids, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		kill(pids[i], SIGKILL);
	for (unsigned i = 0; i < count; i++)
		waitpid(pids[i], NULL, 0);
}

static void measure(char *program, unsigned count, unsigned rounds)
{
	struct json_object *results = json_object_new_object();
	pid_t *pids = calloc(count, sizeof(*pids));
	struct images images;
	unsigned started;
	double begin;
	char file[64] = "";

	attached_open(&images);
	if (!pids || !find_mapping(getpid(), (unsigned long)images.attached.base, file)) {
		fputs("bench: many: cannot find the image in this process's maps\n", stderr);
		exit(3);
	}
	begin = now();
	started = start_all(pids, count, program);
	json_object_object_add(results, "wanted", json_object_new_int64(count));
	json_object_object_add(results, "started", json_object_new_int64(started));
	json_object_object_add(results, "start_s", json_object_new_double(now() - begin));
	json_object_object_add(results, "attached",
	                       json_object_new_int64(count_attached(pids, started, file)));
	bench_pin(-1);
	json_object_object_add(results, "among", measure_reads(&images, rounds));
	end_all(pids, started);
	json_object_object_add(results, "alone", measure_reads(&images, rounds));
	bench_print(results);
	free(pids);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	        {"count", required_argument, NULL, 'n'},
	        {"rounds", required_argument, NULL, 'r'},
	        {0},
	};
	unsigned count = 2000, rounds = 20000;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'n')
			count = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'r')
			rounds = (unsigned)strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	if (optind + 1 != argc || !count) {
		fputs("usage: many [--count N] [--rounds N] PROGRAM\n", stderr);
		return 2;
	}
	measure(argv[optind], count, rounds);
	return 0;
}
