/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The clock of pages is CLOCK_MONOTONIC of the initial time namespace. In another one
 * clock_gettime(2) adds an offset, which /proc/self/timens_offsets tells (kernel 5.6 and later);
 * where the file is missing there are no time namespaces.
 */
#include <stdio.h>
#include <time.h>

#include <vdk/page.h>

#include "base/cleanup.h"

#define NS 1000000000ll

static int64_t read_offset(void)
{
	vdk_cleanup_fclose FILE *file = fopen("/proc/self/timens_offsets", "re");
	long long seconds, ns;
	char clock[32];

	/* "monotonic" in current kernels, the number 1 (CLOCK_MONOTONIC) in 5.6. */
	while (file && fscanf(file, "%31s %lld %lld", clock, &seconds, &ns) == 3)
		if (clock[0] == 'm' || (clock[0] == '1' && clock[1] == 0))
			return seconds * NS + ns;
	return 0;
}

uint64_t vdk_page_now(void)
{
	/* Read once: a process cannot change its own time namespace while it has threads. */
	static int64_t offset = INT64_MIN;
	int64_t known = __atomic_load_n(&offset, __ATOMIC_RELAXED);
	struct timespec now;

	if (known == INT64_MIN) {
		known = read_offset();
		__atomic_store_n(&offset, known, __ATOMIC_RELAXED);
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)((int64_t)now.tv_sec * NS + now.tv_nsec - known);
}
