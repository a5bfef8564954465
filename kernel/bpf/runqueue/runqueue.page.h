/* SPDX-License-Identifier: MIT */
#ifndef RUNQUEUE_PAGE_H
#define RUNQUEUE_PAGE_H

/* The scheduler's own counters, as /proc/stat has the sums of them. */

#include <vdk/record.h>

#define RUNQUEUE_CPUS_MAX 256

/* All CPUs together, and when it was. */
struct runqueue {
	uint64_t at;       /* CLOCK_MONOTONIC of the initial time namespace, ns */
	uint64_t switches; /* context switches since the boot: "ctxt" of /proc/stat */
	uint32_t running;  /* tasks that run or want to: "procs_running" of /proc/stat */
	uint32_t cpus;     /* entries of runqueue_cpu that mean something */
};
VDK_RECORD(runqueue);

/* Each CPU of the same moment; an entry of a CPU that is offline stands still. */
struct runqueue_cpu {
	uint64_t at;
	uint64_t switches[RUNQUEUE_CPUS_MAX];
	uint32_t running[RUNQUEUE_CPUS_MAX];
};
VDK_RECORD(runqueue_cpu);

#endif
