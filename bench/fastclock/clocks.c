/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clocks - what fastclock's clocks cost beside the kernel's
 *
 *   vdk run --once --vdso NAME bench/fastclock-clocks [--rounds N] [--cpu N]
 *
 * NAME is a publication of fastclock that is being fed. What the attached clock_gettime does
 * depends on its owner's choices (VDK_FASTCLOCK=unordered; --every below a tick for the coarse
 * clocks), so it is measured in each such publication against the kernel's in the same rounds;
 * bench/rows_fastclock.py does that.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <vdk/lookup.h>

#include "counter.h"
#include "bench.h"
#include "measure/loop.h"

static struct vdk_lookup_image attached, kernel;
static uint8_t buffer[64] __attribute__((aligned(64)));

static void open_images(void)
{
	unsigned long auxv[128] = {0};
	const int fd = open("/proc/self/auxv", O_RDONLY | O_CLOEXEC);
	const ssize_t size = fd < 0 ? 0 : read(fd, auxv, sizeof(auxv));

	if (fd < 0 || size <= 0 ||
	    vdk_lookup_open_auxv(auxv, (size_t)size / (2 * sizeof(*auxv)), &kernel) ||
	    vdk_lookup_open_self(&attached) || attached.base == kernel.base ||
	    !vdk_lookup_symbol(&attached, "__vdso_vdk_now_bounds", NULL)) {
		fputs("bench: run this by `vdk run --vdso NAME`, where NAME is a publication of "
		      "fastclock\n", stderr);
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

typedef int64_t ns_function(void);
typedef int bounds_function(int64_t *earliest, int64_t *latest);

MEASURE_LOOP(loop_rdtsc, vdk_function, counter_bare())
MEASURE_LOOP(loop_rdtscp, vdk_function, counter_rdtscp())
MEASURE_LOOP(loop_clock, clock_function, f((int)argument, (struct timespec *)buffer))
MEASURE_LOOP(loop_gettimeofday, gettimeofday_function, f((struct timeval *)buffer, NULL))
MEASURE_LOOP(loop_time, time_function, f(NULL))
MEASURE_LOOP(loop_ns, ns_function, *(int64_t *)buffer = f())
MEASURE_LOOP(loop_bounds, bounds_function, f((int64_t *)buffer, (int64_t *)buffer + 1))

static struct subject subjects[32];
static unsigned count;

static void add(const char *name, const char *base,
                void (*run)(const struct subject *, uint32_t), void *function, int64_t argument)
{
	subjects[count++] = (struct subject){.group = "fastclock",
	                                     .name = name,
	                                     .base = base,
	                                     .run = run,
	                                     .function = function,
	                                     .argument = argument};
}

static void add_all(void)
{
	void *const gettime = symbol(&attached, "__vdso_clock_gettime");
	void *const kernels = symbol(&kernel, "__vdso_clock_gettime");

	add("rdtsc", NULL, loop_rdtsc, NULL, 0);
	add("rdtscp", NULL, loop_rdtscp, NULL, 0);
	add("kernel MONOTONIC", NULL, loop_clock, kernels, CLOCK_MONOTONIC);
	add("kernel REALTIME", NULL, loop_clock, kernels, CLOCK_REALTIME);
	add("kernel MONOTONIC_COARSE", NULL, loop_clock, kernels, CLOCK_MONOTONIC_COARSE);
	add("kernel gettimeofday", NULL, loop_gettimeofday,
	    symbol(&kernel, "__vdso_gettimeofday"), 0);
	add("kernel time", NULL, loop_time, symbol(&kernel, "__vdso_time"), 0);
	add("MONOTONIC", "kernel MONOTONIC", loop_clock, gettime, CLOCK_MONOTONIC);
	add("REALTIME", "kernel REALTIME", loop_clock, gettime, CLOCK_REALTIME);
	add("MONOTONIC_COARSE", "kernel MONOTONIC_COARSE", loop_clock, gettime,
	    CLOCK_MONOTONIC_COARSE);
	add("gettimeofday", "kernel gettimeofday", loop_gettimeofday,
	    symbol(&attached, "__vdso_gettimeofday"), 0);
	add("time", "kernel time", loop_time, symbol(&attached, "__vdso_time"), 0);
	add("ns ordered", "kernel MONOTONIC", loop_ns,
	    symbol(&attached, "__vdso_vdk_now_monotonic"), 0);
	add("ns unordered", "kernel MONOTONIC", loop_ns,
	    symbol(&attached, "__vdso_vdk_now_monotonic_unordered"), 0);
	add("bounds", "kernel REALTIME", loop_bounds, symbol(&attached, "__vdso_vdk_now_bounds"), 0);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"rounds", required_argument, NULL, 'r'},
		{"cpu", required_argument, NULL, 'c'},
		{0},
	};
	struct json_object *object = json_object_new_object();
	unsigned rounds = 10000;
	int option, cpu = -1;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r')
			rounds = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'c')
			cpu = (int)strtol(optarg, NULL, 10);
		else
			return 2;
	}
	open_images();
	cpu = bench_pin(cpu);
	add_all();
	bench_rounds(subjects, count, rounds);
	json_object_object_add(object, "bench", json_object_new_string("fastclock"));
	json_object_object_add(object, "cpu", json_object_new_int(cpu));
	json_object_object_add(object, "rounds", json_object_new_int64(rounds));
	json_object_object_add(object, "subjects", measure_json(subjects, count));
	bench_print(object);
	return 0;
}
