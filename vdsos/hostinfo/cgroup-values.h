/* SPDX-License-Identifier: MIT */
#ifndef HOSTINFO_CGROUP_VALUES_H
#define HOSTINFO_CGROUP_VALUES_H

/* What the files of a cgroup and of its ancestors say. */

#include "cgroup.h"
#include "hostinfo.page.h"
#include "stall.h"

/* A level that has no such file has no such limit; one whose file fails may have any. */
static inline bool is_absent(const struct source *source)
{
	return source->fd < 0 && source->error == -ENOENT;
}

static inline void read_memory_limits(struct cgroup *cgroup, struct hostinfo_cgroup *record)
{
	uint64_t lowest = HOSTINFO_UNLIMITED;

	for (unsigned i = 0; i < cgroup->levels; i++) {
		struct source *const source = &cgroup->level[i].memory_max;
		uint64_t value;

		if (is_absent(source))
			continue;
		if (!text_limit(source_read(source), HOSTINFO_UNLIMITED, &value))
			return;
		if (i == 0) {
			record->memory_max = value;
			record->known |= HOSTINFO_CGROUP_MEMORY_MAX;
		}
		lowest = value < lowest ? value : lowest;
	}
	if (cgroup->has_memory) {
		record->memory_limit = lowest;
		record->known |= HOSTINFO_CGROUP_MEMORY_LIMIT;
	}
}

/* "max 100000" or "150000 100000" */
static inline bool take_quota(struct text text, uint64_t *ret_quota, uint64_t *ret_period)
{
	uint64_t quota = HOSTINFO_UNLIMITED, period;
	struct text line;

	if (!text_line(&text, &line) || (!text_skip(&line, "max") && !text_number(&line, &quota)) ||
	    !text_skip(&line, " ") || !text_number(&line, &period) || !text_is_empty(&line) ||
	    period == 0)
		return false;
	*ret_quota = quota;
	*ret_period = period;
	return true;
}

static inline void read_cpus(struct cgroup *cgroup, struct hostinfo_cgroup *record)
{
	uint64_t lowest, quota, period, milli;

	if (!cgroup->has_cpuset || !text_cpus(source_read(&cgroup->cpuset), &record->cpuset_cpus))
		lowest = UINT64_MAX;
	else {
		lowest = record->cpuset_cpus * 1000; /* fits: UINT32_MAX CPUs at most */
		record->known |= HOSTINFO_CGROUP_CPUSET;
	}
	for (unsigned i = 0; i < cgroup->levels; i++) {
		struct source *const source = &cgroup->level[i].cpu_max;

		if (is_absent(source))
			continue;
		if (!take_quota(source_read(source), &quota, &period))
			return;
		if (i == 0) {
			record->cpu_quota_us = quota;
			record->cpu_period_us = period;
			record->known |= HOSTINFO_CGROUP_CPU_QUOTA;
		}
		if (quota == HOSTINFO_UNLIMITED || __builtin_mul_overflow(quota, 1000, &milli))
			continue;
		lowest = milli / period < lowest ? milli / period : lowest;
	}
	if (cgroup->has_cpu && (record->known & HOSTINFO_CGROUP_CPUSET)) {
		record->cpus_milli = lowest;
		record->known |= HOSTINFO_CGROUP_CPUS;
	}
}

/* One number, or "max". */
static inline void read_limit(struct source *source, uint64_t bit, uint64_t *known, uint64_t *value)
{
	if (text_limit(source_read(source), HOSTINFO_UNLIMITED, value))
		*known |= bit;
}

static inline void read_cgroup(struct cgroup *cgroup, struct hostinfo_cgroup *record)
{
	if (!cgroup->path[0])
		return;
	memcpy(record->path, cgroup->path, sizeof(record->path));
	record->known |= HOSTINFO_CGROUP_PATH;
	source_read(&cgroup->there);
	if (cgroup->levels == 0 || cgroup->there.fd < 0)
		return;
	read_limit(&cgroup->memory_current, HOSTINFO_CGROUP_MEMORY_CURRENT, &record->known,
	           &record->memory_current);
	read_limit(&cgroup->memory_high, HOSTINFO_CGROUP_MEMORY_HIGH, &record->known,
	           &record->memory_high);
	read_memory_limits(cgroup, record);
	read_cpus(cgroup, record);
}

static inline void read_cgroup_pressure(struct cgroup *cgroup,
                                        struct hostinfo_cgroup_pressure *record)
{
	read_stalls(&cgroup->cpu_pressure, HOSTINFO_PRESSURE_CPU_SOME, &record->known,
	            &record->cpu_some, &record->cpu_full);
	read_stalls(&cgroup->memory_pressure, HOSTINFO_PRESSURE_MEMORY_SOME, &record->known,
	            &record->memory_some, &record->memory_full);
	read_stalls(&cgroup->io_pressure, HOSTINFO_PRESSURE_IO_SOME, &record->known,
	            &record->io_some, &record->io_full);
}

#endif
