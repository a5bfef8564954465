/* SPDX-License-Identifier: MIT */
/*
 * runqueue - context switches and run-queue lengths, as the scheduler itself counts them
 *
 * /proc/stat tells the sums, for some microseconds a look; each CPU's run-queue length is
 * nowhere but in debugfs, or behind a BPF system call. Here all of them are a few loads.
 *
 * Functions return the value, which is never negative, or
 *
 *   -EINVAL   there is no such CPU;
 *   -ENODATA  nothing was ever published, -EAGAIN every try met a newer update;
 *   -ESTALE   past void_after: the program is not attached any more.
 */
#include <vdk/vdso.h>

#include "runqueue.page.h"

#define EINVAL 22
#define ESTALE 116
#define CLOCK_MONOTONIC_COARSE 6

struct timespec {
	int64_t tv_sec, tv_nsec;
};

/* The coarse clock is a tick behind at most. */
static int64_t fresh(int64_t value)
{
	struct timespec now;

	if (vdk_chain(clock_gettime)(CLOCK_MONOTONIC_COARSE, &now) ||
	    vdk_void(now.tv_sec * 1000000000 + now.tv_nsec))
		return -ESTALE;
	return value;
}

static int check_cpu(unsigned int cpu)
{
	uint32_t cpus;
	const int error = vdk_read_field(runqueue, cpus, &cpus);

	if (error)
		return error;
	return cpu < cpus && cpu < RUNQUEUE_CPUS_MAX ? 0 : -EINVAL;
}

/* How many CPUs there are to ask for, some of them offline perhaps. */
VDK_FUNCTION(int, runqueue_cpus, (void))
{
	uint32_t cpus;
	const int error = vdk_read_field(runqueue, cpus, &cpus);

	return error ? error : (int)fresh(cpus);
}

/* Context switches of all CPUs since the boot. */
VDK_FUNCTION(int64_t, runqueue_switches, (void))
{
	uint64_t switches;
	const int error = vdk_read_field(runqueue, switches, &switches);

	return error ? error : fresh((int64_t)switches);
}

/* Tasks that run or want to, on all CPUs; the caller is one of them. */
VDK_FUNCTION(int, runqueue_length, (void))
{
	uint32_t running;
	const int error = vdk_read_field(runqueue, running, &running);

	return error ? error : (int)fresh(running);
}

/* The same of one CPU. */
VDK_FUNCTION(int64_t, runqueue_cpu_switches, (unsigned int cpu))
{
	uint64_t switches;
	int error = check_cpu(cpu);

	if (!error)
		error = vdk_read_field(runqueue_cpu, switches[cpu], &switches);
	return error ? error : fresh((int64_t)switches);
}

VDK_FUNCTION(int, runqueue_cpu_length, (unsigned int cpu))
{
	uint32_t running;
	int error = check_cpu(cpu);

	if (!error)
		error = vdk_read_field(runqueue_cpu, running[cpu], &running);
	return error ? error : (int)fresh(running);
}

/* When the counters were looked at, ns of CLOCK_MONOTONIC as this process sees it. */
VDK_FUNCTION(int64_t, runqueue_at, (void))
{
	uint64_t at;
	const int error = vdk_read_field(runqueue, at, &at);

	return error ? error : (int64_t)at + vdk_process.monotonic_offset;
}
