/* SPDX-License-Identifier: MIT */
/*
 * Reads the files that programs would parse, and writes what they say.
 *
 * Whatever cannot be had is left out: its bit in `known` stays unset and its value 0, the rest is
 * published. So the page always has a heartbeat while somebody looks at the files.
 *
 *   VDK_HOSTINFO_CGROUP  the cgroup to look at, as /proc/PID/cgroup names it; the publisher's own
 *   VDK_HOSTINFO_ROOT    where /proc, /sys and what else mountinfo names are; for tests
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <time.h>

#include <vdk/update.h>

#include "cgroup-values.h"
#include "hostinfo.page.h"
#include "machine.h"

/* Calls between two looks for files that were not there, and for the cgroup. */
#define LOOK_AGAIN 100

static struct cgroup cgroup;

/* The cgroup that was asked for; false: no path of a cgroup. */
static bool asked_cgroup(const char **ret_path)
{
	const char *path = secure_getenv("VDK_HOSTINFO_CGROUP");

	*ret_path = path;
	return !path || (text_is_plain_path((struct text){path, path + strlen(path)}) &&
	                 strlen(path) < CGROUP_PATH);
}

/* Return false, always, when what was asked for is nonsense. */
static bool look_for_files(uint64_t calls)
{
	static bool started, refused;
	const char *path;

	if (!started) {
		cgroup_init(&cgroup);
		refused = !asked_cgroup(&path);
		started = true;
		if (refused)
			fprintf(stderr,
			        "hostinfo: VDK_HOSTINFO_CGROUP: expected a path of at most %d "
			        "bytes that begins with / and has no .., found %.300s\n",
			        CGROUP_PATH - 1, path);
	}
	if (!refused && calls % LOOK_AGAIN == 0 && asked_cgroup(&path)) {
		open_machine();
		cgroup_open(&cgroup, path);
	}
	return !refused;
}

VDK_UPDATE(u)
{
	struct timespec now = {0};
	const int64_t monotonic = (int64_t)u->now;
	int64_t realtime;

	if (!look_for_files(u->count)) {
		vdk_update_fail(u, -EINVAL);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	realtime = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;

	struct hostinfo_load load = {.realtime_ns = realtime, .monotonic_ns = monotonic};
	struct hostinfo_memory memory = {.realtime_ns = realtime, .monotonic_ns = monotonic};
	struct hostinfo_cgroup own = {.realtime_ns = realtime, .monotonic_ns = monotonic};
	struct hostinfo_pressure all = {.realtime_ns = realtime, .monotonic_ns = monotonic};
	struct hostinfo_cgroup_pressure part = {.realtime_ns = realtime, .monotonic_ns = monotonic};
	struct hostinfo_identity identity = {.realtime_ns = realtime, .monotonic_ns = monotonic};

	read_load(&load, u->count);
	read_memory(&memory);
	read_cgroup(&cgroup, &own);
	read_pressure(&all);
	read_cgroup_pressure(&cgroup, &part);
	read_identity(&identity);
	vdk_write(u, hostinfo_load, &load);
	vdk_write(u, hostinfo_memory, &memory);
	vdk_write(u, hostinfo_cgroup, &own);
	vdk_write(u, hostinfo_pressure, &all);
	vdk_write(u, hostinfo_cgroup_pressure, &part);
	vdk_write(u, hostinfo_identity, &identity);
}
