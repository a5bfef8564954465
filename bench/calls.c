/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calls - what calls cost in an attached process
 *
 *   vdk run --once --vdso NAME bench/calls [--rounds N] [--cpu N]
 *
 * NAME is a publication of bench/line whose records were written (bench/prepare). Groups:
 *
 *   floor        what no call can beat: the loop, a load, an empty function, the counter
 *   call         the attached image's functions, and the ways to ask for the time beside them
 *   single       some of them one call at a time, with the timing in it: the tail
 *   size         reading whole records of 8 bytes to 16 KiB
 *   passthrough  each standard function: the kernel's own, the attached image's, and the kernel's
 *                behind a jump in this very program
 *
 * Every function is called through a pointer that is loaded from memory before each call, as a C
 * library calls a vDSO.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "attached.h"
#include "counter.h"
#include "bench.h"
#include "measure/calls.h"
#include "measure/loop.h"

int bench_jump_clock_gettime(int clock, struct timespec *time);
int bench_jump_gettimeofday(struct timeval *time, void *zone);
long bench_jump_time(long *time);
long bench_jump_getcpu(unsigned *cpu, unsigned *node, void *unused);
int bench_jump_clock_getres(int clock, struct timespec *time);
long bench_jump_getrandom(void *buffer, size_t size, unsigned flags, void *state, size_t state_size);
extern void *bench_jump_slot[6];

/* ---- The loops --------------------------------------------------------------------------- */

static uint64_t loaded __attribute__((aligned(64))) = 666;
static uint8_t buffer[16384] __attribute__((aligned(4096)));

/* A random generator's state of this process, as the kernel's vDSO wants it. */
static void *random_state;
static size_t random_state_size;

typedef int int_function(void);
typedef int copy_function(void *out);

MEASURE_FLOORS(loaded)
MEASURE_LOOP(loop_int, int_function, f())
MEASURE_LOOP(loop_copy, copy_function, f(buffer))
MEASURE_LOOP(loop_clock, clock_function, f((int)argument, (struct timespec *)buffer))
MEASURE_LOOP(loop_gettimeofday, gettimeofday_function, f((struct timeval *)buffer, NULL))
MEASURE_LOOP(loop_time, time_function, f(NULL))
MEASURE_LOOP(loop_getcpu, getcpu_function, f((unsigned *)buffer, NULL, NULL))
MEASURE_LOOP(loop_getrandom, getrandom_function, f(buffer, 8, 0, random_state, random_state_size))

/* ---- Subjects ---------------------------------------------------------------------------- */

#define SUBJECTS_MAX 80
static struct subject subjects[SUBJECTS_MAX];
static unsigned subject_count;

static struct subject *add(const char *group, const char *name, const char *base,
                           void (*run)(const struct subject *, uint32_t), void *function,
                           int64_t argument)
{
	struct subject *subject = &subjects[subject_count++];

	if (subject_count > SUBJECTS_MAX) {
		fputs("bench: calls.c: SUBJECTS_MAX is too small\n", stderr);
		exit(3);
	}
	*subject = (struct subject){.group = group,
	                            .name = name,
	                            .base = base,
	                            .run = run,
	                            .function = function,
	                            .argument = argument};
	return subject;
}

static void add_floors(void)
{
	add("floor", "loop", NULL, loop_empty, NULL, 0);
	add("floor", "load", NULL, loop_load, NULL, 0);
	add("floor", "empty function", NULL, loop_void, (void *)(uintptr_t)measure_nothing, 0);
	add("floor", "rdtsc", NULL, loop_rdtsc, NULL, 0);
	add("floor", "lfence rdtsc", NULL, loop_lfence_rdtsc, NULL, 0);
	add("floor", "rdtscp", NULL, loop_rdtscp, NULL, 0);
}

/* `calls` 0: batches; 1: single calls. */
static void add_calls(const struct images *images, const char *group, uint32_t calls)
{
	static const char *const functions[][2] = {
	        {"constant", "__vdso_line_constant"},
	        {"record packed", "__vdso_line_packed"},
	        {"record 64 B, one value", "__vdso_line_one"},
	        {"record 64 B, all values", "__vdso_line_sum"},
	};
	void *const chain = attached_symbol(&images->attached, "__vdso_clock_gettime");
	void *const kernel = attached_symbol(&images->kernel, "__vdso_clock_gettime");
	const unsigned first = subject_count;

	add(group, "nothing", NULL, loop_empty, NULL, 0);
	for (unsigned i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		add(group, functions[i][0], "constant", loop_int,
		    attached_symbol(&images->attached, functions[i][1]), 0);
	add(group, "record 64 B, copied out", "constant", loop_copy,
	    attached_symbol(&images->attached, "__vdso_line_copy64"), 0);
	add(group, "kernel coarse", "system call", loop_clock, kernel, CLOCK_MONOTONIC_COARSE);
	add(group, "kernel clock", "system call", loop_clock, kernel, CLOCK_MONOTONIC);
	add(group, "chained clock", "kernel clock", loop_clock, chain, CLOCK_MONOTONIC);
	add(group, "libc clock", "kernel clock", loop_clock, (void *)(uintptr_t)clock_gettime,
	    CLOCK_MONOTONIC);
	add(group, "system call", "constant", loop_clock,
	    (void *)(uintptr_t)measure_raw_clock_gettime, CLOCK_MONOTONIC);
	for (unsigned i = first; i < subject_count; i++)
		subjects[i].calls = calls;
}

static void add_sizes(const struct images *images)
{
	static const int sizes[] = {8, 24, 64, 256, 1024, 4096, 16384};
	static char names[7][24], symbols[7][32];

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		snprintf(names[i], sizeof(names[i]), "%d B", sizes[i]);
		snprintf(symbols[i], sizeof(symbols[i]), "__vdso_line_copy%d", sizes[i]);
		add("size", names[i], "8 B", loop_copy,
		    attached_symbol(&images->attached, symbols[i]), sizes[i]);
	}
}

/* One standard function three ways; `slot` is its place in bench_jump_slot. */
static void add_three(const struct images *images, const char *label, const char *symbol,
                      void (*run)(const struct subject *, uint32_t), int slot, void *jump,
                      int64_t argument)
{
	void *const kernel = attached_symbol(&images->kernel, symbol);
	void *const chain = attached_symbol(&images->attached, symbol);
	static char names[3 * 32][48];
	static unsigned used;
	char(*name)[48] = &names[used];

	used += 3;
	bench_jump_slot[slot] = kernel;
	snprintf(name[0], sizeof(name[0]), "%s, kernel's", label);
	snprintf(name[1], sizeof(name[1]), "%s, passed on", label);
	snprintf(name[2], sizeof(name[2]), "%s, behind a jump", label);
	add("passthrough", name[0], NULL, run, kernel, argument);
	add("passthrough", name[1], name[0], run, chain, argument);
	add("passthrough", name[2], name[0], run, jump, argument);
}

/* What the kernel's getrandom answers to the question for its state's size and mapping. */
struct random_parameters {
	uint32_t size, protection, flags, reserved[13];
};

static int make_random_state(const struct images *images)
{
	vdk_function *const function =
	        vdk_lookup_symbol(&images->kernel, "__vdso_getrandom", "LINUX_2.6");
	getrandom_function *const getrandom = (getrandom_function *)function;
	struct random_parameters parameters;

	if (!getrandom || getrandom(NULL, 0, 0, &parameters, ~(size_t)0))
		return 0;
	random_state_size = parameters.size;
	random_state = mmap(NULL, 4096, (int)parameters.protection, (int)parameters.flags, -1, 0);
	return random_state != MAP_FAILED && random_state_size <= 4096 &&
	       getrandom(buffer, 8, 0, random_state, random_state_size) == 8;
}

static void add_passthrough(const struct images *images)
{
	static const struct {
		const char *label;
		int clock;
	} clocks[] = {
	        {"clock_gettime REALTIME", CLOCK_REALTIME},
	        {"clock_gettime MONOTONIC", CLOCK_MONOTONIC},
	        {"clock_gettime MONOTONIC_RAW", CLOCK_MONOTONIC_RAW},
	        {"clock_gettime BOOTTIME", CLOCK_BOOTTIME},
	        {"clock_gettime TAI", CLOCK_TAI},
	        {"clock_gettime REALTIME_COARSE", CLOCK_REALTIME_COARSE},
	        {"clock_gettime MONOTONIC_COARSE", CLOCK_MONOTONIC_COARSE},
	};

	for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		add_three(images, clocks[i].label, "__vdso_clock_gettime", loop_clock, 0,
		          (void *)(uintptr_t)bench_jump_clock_gettime, clocks[i].clock);
	add_three(images, "gettimeofday", "__vdso_gettimeofday", loop_gettimeofday, 1,
	          (void *)(uintptr_t)bench_jump_gettimeofday, 0);
	add_three(images, "time", "__vdso_time", loop_time, 2, (void *)(uintptr_t)bench_jump_time,
	          0);
	add_three(images, "getcpu", "__vdso_getcpu", loop_getcpu, 3,
	          (void *)(uintptr_t)bench_jump_getcpu, 0);
	add_three(images, "clock_getres MONOTONIC", "__vdso_clock_getres", loop_clock, 4,
	          (void *)(uintptr_t)bench_jump_clock_getres, CLOCK_MONOTONIC);
	if (make_random_state(images))
		add_three(images, "getrandom 8 B", "__vdso_getrandom", loop_getrandom, 5,
		          (void *)(uintptr_t)bench_jump_getrandom, 0);
}

/* Records that nobody wrote would be measured as errors. */
static void check_written(const struct images *images)
{
	int_function *const read =
	        (int_function *)(uintptr_t)attached_symbol(&images->attached, "__vdso_line_one");

	if (read() < 0) {
		fputs("bench: the page's records were never written: run bench/prepare first\n",
		      stderr);
		exit(3);
	}
}

static void measure(const struct images *images, unsigned rounds, struct json_object *results)
{
	unsigned ends[4];

	add_floors();
	add_calls(images, "call", 0);
	ends[0] = subject_count;
	add_calls(images, "single", 1);
	ends[1] = subject_count;
	add_sizes(images);
	ends[2] = subject_count;
	add_passthrough(images);
	ends[3] = subject_count;
	bench_rounds(subjects, ends[0], rounds);
	bench_rounds(subjects + ends[0], ends[1] - ends[0], 4 * rounds);
	bench_rounds(subjects + ends[1], ends[2] - ends[1], rounds);
	bench_rounds(subjects + ends[2], ends[3] - ends[2], 2 * rounds);
	json_object_object_add(results, "subjects", measure_json(subjects, subject_count));
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	        {"rounds", required_argument, NULL, 'r'},
	        {"cpu", required_argument, NULL, 'c'},
	        {0},
	};
	struct json_object *results = json_object_new_object();
	unsigned rounds = 20000;
	struct images images;
	int option, cpu = -1;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r')
			rounds = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'c')
			cpu = atoi(optarg);
		else
			return 2;
	}
	attached_open(&images);
	check_written(&images);
	json_object_object_add(results, "cpu", json_object_new_int(bench_pin(cpu)));
	json_object_object_add(results, "counter_hz", json_object_new_double(measure_frequency()));
	measure(&images, rounds, results);
	bench_print(results);
	return 0;
}
