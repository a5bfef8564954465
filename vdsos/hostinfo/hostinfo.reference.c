/* SPDX-License-Identifier: MIT */
/*
 * What hostinfo's functions should tell, from libc and the files that it spares its readers. A
 * sample is some time old, so what moves has a tolerance of what may happen meanwhile; what a
 * machine may not have at all is only held to make sense.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include <vdk/reference.h>

#include "hostinfo.page.h"

/* How old a sample may be before its publisher is not one any more. */
#define OLD_MS 3000
#define MIB (1ll << 20)

/* A number behind a name in a file of "name: number" lines; -1 without one. */
static int64_t file_number(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	char line[256];
	int64_t number = -1;

	while (file && number < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			number = atoll(line + strlen(name));
	if (file)
		fclose(file);
	return number;
}

/*
 * How many numbers a list like "0-3,8" of /sys has. sysconf(3) is no help: musl's tells on how many
 * CPUs the thread may run, and verify pins it.
 */
static int64_t cpus_listed(const char *path)
{
	FILE *file = fopen(path, "re");
	int64_t count = 0, first, last;

	while (file && fscanf(file, "%" SCNd64, &first) == 1) {
		if (fscanf(file, "-%" SCNd64, &last) != 1)
			last = first;
		count += last - first + 1;
		if (fgetc(file) != ',')
			break;
	}
	if (file)
		fclose(file);
	return count;
}

static int64_t now_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t text_sum(const char *text)
{
	uint32_t sum = 0;

	for (; *text && *text != '\n'; text++)
		sum = sum * 31 + (unsigned char)*text;
	return sum;
}

/* One field of a whole struct, or the error instead of it. */
#define FIELD(tag, function, field)                                                                \
	({                                                                                         \
		struct tag now_;                                                                   \
		const int error_ = function(&now_, sizeof(now_));                                  \
		error_ ? error_ : (int64_t)now_.field;                                             \
	})

VDK_REFERENCE(int, vdk_hostinfo_load, (struct hostinfo_load *out, size_t size),
	      FIELD(hostinfo_load, vdk_hostinfo_load, realtime_ns) / 1000000, OLD_MS)
{
	return now_ms(CLOCK_REALTIME);
}

/* As the asking process counts it, which may be in a time namespace. */
VDK_REFERENCE(int, vdk_hostinfo_load, (struct hostinfo_load *out, size_t size),
	      FIELD(hostinfo_load, vdk_hostinfo_load, monotonic_ns) / 1000000, OLD_MS)
{
	return now_ms(CLOCK_MONOTONIC);
}

VDK_REFERENCE(int, vdk_hostinfo_load, (struct hostinfo_load *out, size_t size),
	      FIELD(hostinfo_load, vdk_hostinfo_load, cpus_online), 0)
{
	return cpus_listed("/sys/devices/system/cpu/online");
}

/* A new average every 5 s: 8 % of the way to what runs now. */
VDK_REFERENCE(int64_t, vdk_hostinfo_load1, (void), vdk_hostinfo_load1(), 4000)
{
	double loads[1];

	return getloadavg(loads, 1) == 1 ? (int64_t)(loads[0] * 1000) : -EOPNOTSUPP;
}

VDK_REFERENCE(int, vdk_hostinfo_memory, (struct hostinfo_memory *out, size_t size),
	      FIELD(hostinfo_memory, vdk_hostinfo_memory, total), 0)
{
	return file_number("/proc/meminfo", "MemTotal:") * 1024;
}

VDK_REFERENCE(int64_t, vdk_hostinfo_memory_available, (void), vdk_hostinfo_memory_available(),
	      1024 * MIB)
{
	return file_number("/proc/meminfo", "MemAvailable:") * 1024;
}

VDK_REFERENCE(int, vdk_hostinfo_identity, (struct hostinfo_identity *out, size_t size),
	      ({ struct hostinfo_identity now;
	         const int error = vdk_hostinfo_identity(&now, sizeof(now));
	         error ? error : text_sum(now.hostname); }), 0)
{
	char name[72] = "";

	gethostname(name, sizeof(name) - 1);
	return text_sum(name);
}

VDK_REFERENCE(int, vdk_hostinfo_identity, (struct hostinfo_identity *out, size_t size),
	      ({ struct hostinfo_identity now;
	         const int error = vdk_hostinfo_identity(&now, sizeof(now));
	         error ? error : text_sum(now.boot_id); }), 0)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	char text[64] = "";

	if (!file || !fgets(text, sizeof(text), file))
		text[0] = '\0';
	if (file)
		fclose(file);
	return text_sum(text);
}

VDK_REFERENCE(int64_t, vdk_hostinfo_age, (void), vdk_hostinfo_age() / 1000000, OLD_MS)
{
	return 0;
}

/* Several structs by one call agree with what each is by itself. */
VDK_REFERENCE(int, vdk_hostinfo_all, (void *out, const size_t *sizes, uint32_t count),
	      ({ struct hostinfo_memory memory;
	         const size_t sizes[] = {0, sizeof(memory)};
	         const int error = vdk_hostinfo_all(&memory, sizes, 2);
	         error ? error : (int64_t)memory.total; }), 0)
{
	return file_number("/proc/meminfo", "MemTotal:") * 1024;
}

/* 1: it can be had and makes sense, or it cannot be had. */
VDK_REFERENCE(int64_t, vdk_hostinfo_cpus, (void),
	      ({ const int64_t cpus = vdk_hostinfo_cpus();
	         cpus == -EOPNOTSUPP ||
	         (cpus > 0 && cpus <= 1000 * cpus_listed("/sys/devices/system/cpu/possible")); }), 0)
{
	return 1;
}

VDK_REFERENCE(int64_t, vdk_hostinfo_memory_limit, (void),
	      ({ const int64_t limit = vdk_hostinfo_memory_limit();
	         limit == -EOPNOTSUPP || limit > 0; }), 0)
{
	return 1;
}

VDK_REFERENCE(int, vdk_hostinfo_cgroup, (struct hostinfo_cgroup *out, size_t size),
	      FIELD(hostinfo_cgroup, vdk_hostinfo_cgroup, path[sizeof(now_.path) - 1]), 0)
{
	return 0;
}

VDK_REFERENCE(int, vdk_hostinfo_pressure, (struct hostinfo_pressure *out, size_t size),
	      FIELD(hostinfo_pressure, vdk_hostinfo_pressure, cpu_some.avg10) <= 10000, 0)
{
	return 1;
}

VDK_REFERENCE(int, vdk_hostinfo_cgroup_pressure, (struct hostinfo_cgroup_pressure *out, size_t size),
	      FIELD(hostinfo_cgroup_pressure, vdk_hostinfo_cgroup_pressure, cpu_some.avg10) <= 10000, 0)
{
	return 1;
}
