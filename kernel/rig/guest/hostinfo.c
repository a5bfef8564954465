/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hostinfo - print what the vDSO hostinfo tells of a cgroup, one "NAME VALUE" a line */
#include <stdint.h>
#include <stdio.h>
#include <vdk/lookup.h>

#include "hostinfo-known.h"
#include "hostinfo.h"

static void show(const char *name, uint64_t value)
{
	if (value == HOSTINFO_UNLIMITED)
		printf("%s unlimited\n", name);
	else
		printf("%s %llu\n", name, (unsigned long long)value);
}

int main(void)
{
	int (*const get_cgroup)(struct hostinfo_cgroup *, size_t) =
	        (int (*)(struct hostinfo_cgroup *, size_t))vdk_lookup(
	                "__vdso_vdk_hostinfo_cgroup", "LINUX_2.6");
	int (*const get_pressure)(struct hostinfo_cgroup_pressure *, size_t) =
	        (int (*)(struct hostinfo_cgroup_pressure *, size_t))vdk_lookup(
	                "__vdso_vdk_hostinfo_cgroup_pressure", "LINUX_2.6");
	struct hostinfo_cgroup_pressure pressure;
	struct hostinfo_cgroup cgroup;
	int error;

	if (!get_cgroup || !get_pressure) {
		puts("none");
		return 1;
	}
	error = get_cgroup(&cgroup, sizeof(cgroup));
	if (!error)
		error = get_pressure(&pressure, sizeof(pressure));
	printf("error %d\n", error);
	printf("known %llu\n", (unsigned long long)cgroup.known);
	printf("path %s\n", cgroup.path);
	printf("cpu_max %llu %llu\n", (unsigned long long)cgroup.cpu_quota_us,
	       (unsigned long long)cgroup.cpu_period_us);
	show("memory_current", cgroup.memory_current);
	show("memory_max", cgroup.memory_max);
	show("memory_high", cgroup.memory_high);
	show("memory_limit", cgroup.memory_limit);
	show("cpuset_cpus", cgroup.cpuset_cpus);
	show("cpus_milli", cgroup.cpus_milli);
	if (pressure.known & HOSTINFO_PRESSURE_CPU_SOME)
		show("cpu_some_total", pressure.cpu_some.total_us);
	else
		puts("cpu_some_total unknown");
	return 0;
}
