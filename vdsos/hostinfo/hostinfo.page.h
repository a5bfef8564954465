/* SPDX-License-Identifier: MIT */
#ifndef HOSTINFO_PAGE_H
#define HOSTINFO_PAGE_H

/*
 * What the host and one cgroup of it have and use. The structs are both the records of the page
 * and what the functions give to programs, so they live by the rules of an ABI: a field is never
 * moved or removed, new ones are added at the end, and each struct begins with the same three:
 *
 *   known         one bit per value, hostinfo-known.h; a value that could not be had is 0
 *   realtime_ns   CLOCK_REALTIME when the sample was taken, directly before its first file
 *   monotonic_ns  CLOCK_MONOTONIC of the same moment, as the asking process counts it
 *
 * All values of one update have the same two times.
 */

#include <vdk/record.h>

#include "hostinfo-known.h"

struct hostinfo_load {
	uint64_t known; /* HOSTINFO_LOAD_ */
	int64_t realtime_ns;
	int64_t monotonic_ns;
	uint32_t load1; /* load averages in thousandths */
	uint32_t load5;
	uint32_t load15;
	uint32_t runnable;  /* threads that run or could */
	uint32_t threads;   /* all there are */
	uint32_t processes; /* the kernel's own included */
	uint64_t uptime_ms;
	uint64_t cpus_online; /* CPUs of the machine that are switched on */
};
VDK_RECORD(hostinfo_load);

/* In bytes. */
struct hostinfo_memory {
	uint64_t known; /* HOSTINFO_MEMORY_ */
	int64_t realtime_ns;
	int64_t monotonic_ns;
	uint64_t total;
	uint64_t free;
	uint64_t available;
	uint64_t buffers;
	uint64_t cached;
	uint64_t swap_total;
	uint64_t swap_free;
};
VDK_RECORD(hostinfo_memory);

/* Of the cgroup `path`, the publisher's own or the one that it was told to look at. */
struct hostinfo_cgroup {
	uint64_t known; /* HOSTINFO_CGROUP_ */
	int64_t realtime_ns;
	int64_t monotonic_ns;
	uint64_t memory_current; /* bytes */
	uint64_t memory_max;     /* of this cgroup alone; HOSTINFO_UNLIMITED: none */
	uint64_t memory_high;
	uint64_t memory_limit;  /* the lowest memory_max of it and all its ancestors */
	uint64_t cpu_quota_us;  /* of this cgroup alone */
	uint64_t cpu_period_us;
	uint64_t cpuset_cpus;   /* CPUs that it may use at all */
	uint64_t cpus_milli;    /* thousandths of CPUs by quotas, its ancestors' too, and cpuset */
	char path[256];
};
VDK_RECORD(hostinfo_cgroup);

/* One line of a pressure file: time that some or all tasks stalled. */
struct hostinfo_stall {
	uint32_t avg10; /* averages over so many seconds, in hundredths of a percent */
	uint32_t avg60;
	uint32_t avg300;
	uint32_t reserved;
	uint64_t total_us;
};

/* Of the whole machine. */
struct hostinfo_pressure {
	uint64_t known; /* HOSTINFO_PRESSURE_ */
	int64_t realtime_ns;
	int64_t monotonic_ns;
	struct hostinfo_stall cpu_some;
	struct hostinfo_stall cpu_full;
	struct hostinfo_stall memory_some;
	struct hostinfo_stall memory_full;
	struct hostinfo_stall io_some;
	struct hostinfo_stall io_full;
};
VDK_RECORD(hostinfo_pressure);

/* Of the cgroup that struct hostinfo_cgroup names; the same fields. */
struct hostinfo_cgroup_pressure {
	uint64_t known; /* HOSTINFO_PRESSURE_ */
	int64_t realtime_ns;
	int64_t monotonic_ns;
	struct hostinfo_stall cpu_some;
	struct hostinfo_stall cpu_full;
	struct hostinfo_stall memory_some;
	struct hostinfo_stall memory_full;
	struct hostinfo_stall io_some;
	struct hostinfo_stall io_full;
};
VDK_RECORD(hostinfo_cgroup_pressure);

/* Texts end with a NUL. */
struct hostinfo_identity {
	uint64_t known; /* HOSTINFO_IDENTITY_ */
	int64_t realtime_ns;
	int64_t monotonic_ns;
	char boot_id[40];
	char hostname[72];
};
VDK_RECORD(hostinfo_identity);

#endif
