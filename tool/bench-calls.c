/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is measured: floors, and each standard function by every way there is. The author's own
 * functions are bench-own.c's.
 *
 * Every function is called through a pointer that is loaded from memory before each call, as a C
 * library calls a vDSO. The system calls are bare instructions, without a libc's wrapper.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>

#include "bench.h"
#include "counter.h"
#include "measure/calls.h"
#include "measure/loop.h"
#include "vdk.h"

/* ---- The loops ------------------------------------------------------------------------------- */

static uint64_t loaded __attribute__((aligned(64))) = 666;
static uint8_t buffer[64] __attribute__((aligned(64)));

/* A random generator's state of this process, as the kernel's vDSO wants it. */
static void *random_state;
static size_t random_state_size;

typedef int libc_getcpu_function(unsigned *cpu, unsigned *node);

/* musl has no such function: then this is NULL. */
extern libc_getcpu_function getcpu __attribute__((weak));

MEASURE_FLOORS(loaded)
MEASURE_LOOP(loop_clock, clock_function, f((int)argument, (struct timespec *)buffer))
MEASURE_LOOP(loop_gettimeofday, gettimeofday_function, f((struct timeval *)buffer, NULL))
MEASURE_LOOP(loop_time, time_function, f(NULL))
MEASURE_LOOP(loop_getcpu, getcpu_function, f((unsigned *)buffer, (unsigned *)buffer + 1, NULL))
MEASURE_LOOP(loop_libc_getcpu, libc_getcpu_function, f((unsigned *)buffer, (unsigned *)buffer + 1))
MEASURE_LOOP(loop_getrandom, getrandom_function, f(buffer, 8, 0, random_state, random_state_size))

/* ---- Floors ---------------------------------------------------------------------------------- */

#define FUNCTION(name) ((void *)(uintptr_t)(name))

static int add_floors(struct bench_list *list)
{
	static const struct {
		const char *name;
		void (*run)(const struct subject *, uint32_t);
		bool calls;
	} floors[] = {
	        {"empty loop", loop_empty, false},         {"load from memory", loop_load, false},
	        {"empty function", loop_void, true},       {"rdtsc", loop_rdtsc, false},
	        {"lfence; rdtsc", loop_lfence_rdtsc, false}, {"rdtscp", loop_rdtscp, false},
	};
	struct bench_call call = {.function = "floor", .way = BENCH_FLOOR};
	int code = EXIT_FINE;

	for (size_t i = 0; i < sizeof(floors) / sizeof(floors[0]) && !code; i++) {
		snprintf(call.call, sizeof(call.call), "%s", floors[i].name);
		call.run = floors[i].run;
		call.address = floors[i].calls ? FUNCTION(measure_nothing) : NULL;
		code = bench_list_add(list, &call);
	}
	if (code)
		return code;
	call = (struct bench_call){.function = "getppid", .call = "getppid()",
	                           .way = BENCH_SYSCALL, .run = loop_void,
	                           .address = FUNCTION(measure_raw_getppid)};
	return bench_list_add(list, &call);
}

/* ---- Standard functions ---------------------------------------------------------------------- */

struct standard {
	const char *function, *arguments;
	int64_t argument;
	void (*run)(const struct subject *, uint32_t);
	void *libc, *raw;
	void (*run_libc)(const struct subject *, uint32_t); /* NULL: as the others */
};

#define CLOCK(name)                                                                                \
	{                                                                                          \
		"clock_gettime", #name, name, loop_clock, FUNCTION(clock_gettime),                 \
		        FUNCTION(measure_raw_clock_gettime), NULL                                  \
	}

static const struct standard standards[] = {
	CLOCK(CLOCK_REALTIME), CLOCK(CLOCK_MONOTONIC), CLOCK(CLOCK_MONOTONIC_RAW),
	CLOCK(CLOCK_BOOTTIME), CLOCK(CLOCK_TAI), CLOCK(CLOCK_REALTIME_COARSE),
	CLOCK(CLOCK_MONOTONIC_COARSE),
	{"gettimeofday", "", 0, loop_gettimeofday, FUNCTION(gettimeofday),
	 FUNCTION(measure_raw_gettimeofday), NULL},
	{"time", "", 0, loop_time, FUNCTION(time), FUNCTION(measure_raw_time), NULL},
	{"getcpu", "", 0, loop_getcpu, FUNCTION(getcpu), FUNCTION(measure_raw_getcpu),
	 loop_libc_getcpu},
	{"clock_getres", "CLOCK_MONOTONIC", CLOCK_MONOTONIC, loop_clock, FUNCTION(clock_getres),
	 FUNCTION(measure_raw_clock_getres), NULL},
	{"getrandom", "8 bytes", 0, loop_getrandom, FUNCTION(getrandom),
	 FUNCTION(measure_raw_getrandom), NULL},
};

/* A standard function that an author wrote may be as wrong as any other. */
static bool try_standard(const struct standard *standard, struct bench_call *call, char *why,
                         size_t size)
{
	struct bench_call trial = *call;

	trial.arguments[0] = standard->argument;
	trial.arguments[1] = (int64_t)(uintptr_t)buffer;
	if (standard->run == loop_gettimeofday)
		trial.arguments[0] = (int64_t)(uintptr_t)buffer, trial.arguments[1] = 0;
	if (standard->run == loop_time)
		trial.arguments[0] = trial.arguments[1] = 0;
	if (standard->run == loop_getcpu)
		trial.arguments[0] = (int64_t)(uintptr_t)buffer, trial.arguments[1] = 0;
	if (standard->run == loop_getrandom) {
		trial.arguments[0] = (int64_t)(uintptr_t)buffer;
		trial.arguments[1] = 8;
		trial.arguments[3] = (int64_t)(uintptr_t)random_state;
		trial.arguments[4] = (int64_t)random_state_size;
	}
	return bench_try(&trial, why, size);
}

static int add_image(const struct bench_image *image, enum bench_way way,
                     const struct standard *standard, struct bench_call *call,
                     struct bench_list *list)
{
	char symbol[64], why[200];

	if (!image->present)
		return EXIT_FINE;
	snprintf(symbol, sizeof(symbol), "__vdso_%s", standard->function);
	call->address = FUNCTION(vdk_lookup_symbol(&image->lookup, symbol, NULL));
	call->way = way;
	call->run = standard->run;
	if (!call->address)
		return bench_list_skip(list, call->call, image->name, "the image has no %s", symbol);
	if (standard->run == loop_getrandom && !random_state)
		return bench_list_skip(list, call->call, image->name,
		                       "the kernel gives no memory for its state");
	if (way == BENCH_ATTACHED && !try_standard(standard, call, why, sizeof(why)))
		return bench_list_skip(list, call->call, image->name, "%s", why);
	return bench_list_add(list, call);
}

static int add_standard(const struct bench_images *images, const struct standard *standard,
                        struct bench_list *list)
{
	struct bench_call call = {.argument = standard->argument};
	int code;

	snprintf(call.function, sizeof(call.function), "%s", standard->function);
	snprintf(call.call, sizeof(call.call), "%s(%s)", standard->function, standard->arguments);
	snprintf(call.base, sizeof(call.base), "syscall/%s", call.call);
	code = add_image(&images->kernel, BENCH_KERNEL, standard, &call, list);
	if (!code)
		code = add_image(&images->attached, BENCH_ATTACHED, standard, &call, list);
	if (code)
		return code;
	call.way = BENCH_LIBC;
	call.address = standard->libc;
	call.run = standard->run_libc ? standard->run_libc : standard->run;
	code = call.address ? bench_list_add(list, &call)
	                    : bench_list_skip(list, call.call, "libc", "the C library has none");
	if (code)
		return code;
	call.way = BENCH_SYSCALL;
	call.address = standard->raw;
	call.run = standard->run;
	*call.base = '\0';
	return bench_list_add(list, &call);
}

/* What the kernel's getrandom answers to the question for its state's size and mapping. */
struct random_parameters {
	uint32_t size, protection, flags, reserved[13];
};

static void make_random_state(const struct bench_image *image)
{
	getrandom_function *const function = (getrandom_function *)(
	        image->present ? vdk_lookup_symbol(&image->lookup, "__vdso_getrandom", NULL) : NULL);
	struct random_parameters parameters;
	void *memory;

	if (!function || function(NULL, 0, 0, &parameters, ~(size_t)0) || parameters.size > 4096)
		return;
	memory = mmap(NULL, 4096, (int)parameters.protection, (int)parameters.flags, -1, 0);
	if (memory == MAP_FAILED)
		return;
	if (function(buffer, 8, 0, memory, parameters.size) != 8) {
		munmap(memory, 4096);
		return;
	}
	random_state = memory;
	random_state_size = parameters.size;
}

int bench_calls_collect(const struct bench_images *images, const struct bench_choice *choice,
                        struct bench_list *ret_list)
{
	struct bench_list list = {0};
	int code = add_floors(&list);

	if (!code && images->kernel.present)
		code = bench_own_collect(&images->kernel, choice, &list);
	if (!code && images->attached.present)
		code = bench_own_collect(&images->attached, choice, &list);
	make_random_state(&images->kernel);
	for (size_t i = 0; i < sizeof(standards) / sizeof(standards[0]) && !code; i++)
		if (bench_chosen(choice, standards[i].function))
			code = add_standard(images, &standards[i], &list);
	if (code) {
		bench_list_free(&list);
		return code;
	}
	*ret_list = list;
	return EXIT_FINE;
}
