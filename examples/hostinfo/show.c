/* SPDX-License-Identifier: MIT */
/*
 * hostinfo in C, by the look-up's one source file: static or dynamic, any C library. Where no
 * hostinfo is attached the program parses the file itself, as it did before.
 *
 *     cc -I INCLUDE show.c vdk_lookup.c -o show && vdk run --vdso hostinfo -- ./show
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <vdk/lookup.h>

#include "hostinfo-known.h"
#include "hostinfo.h"

static int parse_it_yourself(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	unsigned long long kilobytes;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %llu kB", &kilobytes) == 1)
			printf("available %llu\n", kilobytes * 1024);
	puts("no hostinfo in this process");
	return file ? fclose(file) : 1;
}

int main(void)
{
	int (*get_memory)(struct hostinfo_memory *, size_t) =
		(int (*)(struct hostinfo_memory *, size_t))vdk_lookup(
			"__vdso_vdk_hostinfo_memory", "LINUX_2.6");
	int (*get_identity)(struct hostinfo_identity *, size_t) =
		(int (*)(struct hostinfo_identity *, size_t))vdk_lookup(
			"__vdso_vdk_hostinfo_identity", "LINUX_2.6");
	struct hostinfo_identity identity;
	struct hostinfo_memory memory;
	int error;

	if (!get_memory || !get_identity)
		return parse_it_yourself();
	error = get_memory(&memory, sizeof(memory));
	if (error == -ESTALE)
		puts("nobody publishes any more; the last sample was:");
	else if (error) {
		fprintf(stderr, "hostinfo: %s\n", strerror(-error));
		return 1;
	}
	if (memory.known & HOSTINFO_MEMORY_TOTAL)
		printf("total %llu\n", (unsigned long long)memory.total);
	if (memory.known & HOSTINFO_MEMORY_AVAILABLE)
		printf("available %llu\n", (unsigned long long)memory.available);
	if (get_identity(&identity, sizeof(identity)) == 0 &&
	    (identity.known & HOSTINFO_IDENTITY_HOSTNAME))
		printf("hostname %s\n", identity.hostname);
	return 0;
}
