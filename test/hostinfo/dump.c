/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Print everything that hostinfo's functions say, one KEY=VALUE a line; X=RESULT is what function
 * vdk_hostinfo_X returned. With an argument: again for each line of standard input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/lookup.h>

#include "hostinfo.h"

static void *find(const char *name)
{
	char symbol[64];
	void *found;

	snprintf(symbol, sizeof(symbol), "__vdso_vdk_hostinfo_%s", name);
	found = vdk_lookup(symbol, "LINUX_2.6");
	if (!found) {
		printf("no %s\n", symbol);
		exit(1);
	}
	return found;
}

/* Garbage first: what is printed was written by the function. */
#define STRUCT(name)                                                                               \
	struct hostinfo_##name name;                                                               \
	memset(&name, 0xa5, sizeof(name));                                                         \
	printf(#name "=%d\n", ((int (*)(void *, size_t))find(#name))(&name, sizeof(name)));        \
	printf(#name ".known=%llu\n" #name ".realtime_ns=%lld\n" #name ".monotonic_ns=%lld\n",     \
	       (unsigned long long)name.known, (long long)name.realtime_ns,                        \
	       (long long)name.monotonic_ns)

#define FIELD(name, field) printf(#name "." #field "=%llu\n", (unsigned long long)name.field)
#define TEXT(name, field) printf(#name "." #field "=%s\n", name.field)
#define VALUE(name) printf(#name "=%lld\n", (long long)((int64_t(*)(void))find(#name))())

#define STALL(name, line)                                                                          \
	FIELD(name, line.avg10), FIELD(name, line.avg60), FIELD(name, line.avg300),                \
		FIELD(name, line.total_us)
#define STALLS(name)                                                                               \
	STALL(name, cpu_some), STALL(name, cpu_full), STALL(name, memory_some),                    \
		STALL(name, memory_full), STALL(name, io_some), STALL(name, io_full)

static void dump(void)
{
	STRUCT(load);
	FIELD(load, load1), FIELD(load, load5), FIELD(load, load15), FIELD(load, runnable);
	FIELD(load, threads), FIELD(load, processes), FIELD(load, uptime_ms);
	FIELD(load, cpus_online);

	STRUCT(memory);
	FIELD(memory, total), FIELD(memory, free), FIELD(memory, available);
	FIELD(memory, buffers), FIELD(memory, cached);
	FIELD(memory, swap_total), FIELD(memory, swap_free);

	STRUCT(cgroup);
	FIELD(cgroup, memory_current), FIELD(cgroup, memory_max), FIELD(cgroup, memory_high);
	FIELD(cgroup, memory_limit), FIELD(cgroup, cpu_quota_us), FIELD(cgroup, cpu_period_us);
	FIELD(cgroup, cpuset_cpus), FIELD(cgroup, cpus_milli);
	TEXT(cgroup, path);

	STRUCT(pressure);
	STALLS(pressure);
	STRUCT(cgroup_pressure);
	STALLS(cgroup_pressure);

	STRUCT(identity);
	TEXT(identity, boot_id), TEXT(identity, hostname);

	printf("all=%d\n",
	       ((int (*)(void *, const size_t *, uint32_t))find("all"))(
		       &load, (const size_t[]){sizeof(load)}, 1));
	VALUE(memory_available);
	VALUE(memory_limit);
	VALUE(load1);
	VALUE(cpus);
	VALUE(age);
	printf("end\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char line[80];

	if (argc < 2)
		dump();
	else
		while (fgets(line, sizeof(line), stdin))
			dump();
	return 0;
}
