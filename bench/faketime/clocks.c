/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clocks - what a question for the time takes in this process, beside the kernel's own function
 *
 * Run under `vdk faketime`, under faketime(1) or natively: the group "function" calls what the
 * auxiliary vector leads to, "libc" what a program calls, which is libfaketime's function where that
 * is preloaded. Each is held against the kernel's vDSO function, which is in every process, so that
 * ratios of two runs can be held against each other too.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include <vdk/lookup.h>

#include "bench.h"

typedef int clock_function(clockid_t clock, struct timespec *now);
typedef int day_function(struct timeval *now, void *zone);
typedef time_t time_function(time_t *now);

static void loop_clock(const struct subject *subject, uint32_t calls)
{
	clock_function *const function = (clock_function *)(uintptr_t)subject->function;
	struct timespec now;

	while (calls--)
		function((clockid_t)subject->argument, &now);
}

static void loop_day(const struct subject *subject, uint32_t calls)
{
	day_function *const function = (day_function *)(uintptr_t)subject->function;
	struct timeval now;

	while (calls--)
		function(&now, NULL);
}

static void loop_time(const struct subject *subject, uint32_t calls)
{
	time_function *const function = (time_function *)(uintptr_t)subject->function;

	while (calls--)
		function(NULL);
}

static void kernel_open(struct vdk_lookup_image *ret_image)
{
	unsigned long auxv[128] = {0};
	const int fd = open("/proc/self/auxv", O_RDONLY | O_CLOEXEC);
	const ssize_t size = fd < 0 ? -1 : read(fd, auxv, sizeof(auxv));

	if (size < 0 ||
	    vdk_lookup_open_auxv(auxv, (size_t)size / (2 * sizeof(*auxv)), ret_image)) {
		fputs("bench: cannot find the kernel's vDSO\n", stderr);
		exit(3);
	}
	close(fd);
}

static void *symbol(const struct vdk_lookup_image *image, const char *name)
{
	vdk_function *const function = vdk_lookup_symbol(image, name, "LINUX_2.6");

	if (!function) {
		fprintf(stderr, "bench: the vDSO lacks %s\n", name);
		exit(3);
	}
	return (void *)(uintptr_t)function;
}

#define KINDS 6
static const struct {
	const char *name, *symbol;
	void (*run)(const struct subject *subject, uint32_t calls);
	clockid_t clock;
	const char *own; /* the attached image's, where it is not that of the kernel's */
} kinds[KINDS] = {
        {"REALTIME", "__vdso_clock_gettime", loop_clock, CLOCK_REALTIME},
        {"MONOTONIC", "__vdso_clock_gettime", loop_clock, CLOCK_MONOTONIC},
        {"REALTIME_COARSE", "__vdso_clock_gettime", loop_clock, CLOCK_REALTIME_COARSE},
        {"gettimeofday", "__vdso_gettimeofday", loop_day, 0},
        {"time", "__vdso_time", loop_time, 0},
        {"vdk_faketime_true", "__vdso_clock_gettime", loop_clock, CLOCK_REALTIME,
         "__vdso_vdk_faketime_true"},
};

/* Natively there is no function of the image's own: then the kernel's. */
static void *own_symbol(const struct vdk_lookup_image *image, int kind)
{
	vdk_function *const function =
	        kinds[kind].own ? vdk_lookup_symbol(image, kinds[kind].own, "LINUX_2.6") : NULL;

	return function ? (void *)(uintptr_t)function : symbol(image, kinds[kind].symbol);
}

int main(int argc, char **argv)
{
	void *const libc[KINDS] = {
	        (void *)(uintptr_t)clock_gettime, (void *)(uintptr_t)clock_gettime,
	        (void *)(uintptr_t)clock_gettime, (void *)(uintptr_t)gettimeofday,
	        (void *)(uintptr_t)time,          (void *)(uintptr_t)clock_gettime,
	};
	static const struct option options[] = {{"rounds", required_argument, NULL, 'r'}, {0}};
	static char names[KINDS][3][40];
	struct subject subjects[3 * KINDS] = {0};
	struct json_object *result = json_object_new_object();
	struct vdk_lookup_image kernel, own;
	unsigned rounds = 5000;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'r')
			return 2;
		rounds = (unsigned)strtoul(optarg, NULL, 10);
	}
	kernel_open(&kernel);
	if (vdk_lookup_open_self(&own))
		return 3;
	for (int i = 0; i < KINDS; i++) {
		static const char *const places[3] = {"kernel", "function", "libc"};
		void *const functions[3] = {symbol(&kernel, kinds[i].symbol),
		                            own_symbol(&own, i), libc[i]};

		for (int j = 0; j < 3; j++) {
			snprintf(names[i][j], sizeof(names[i][j]), "%s, %s", kinds[i].name,
			         places[j]);
			subjects[3 * i + j] = (struct subject){
			        "clocks", names[i][j], j ? names[i][0] : NULL,
			        kinds[i].run, functions[j],    kinds[i].clock};
		}
	}
	bench_pin(-1);
	bench_rounds(subjects, 3 * KINDS, rounds);
	json_object_object_add(result, "subjects", measure_json(subjects, 3 * KINDS));
	bench_print(result);
	return 0;
}
