/* SPDX-License-Identifier: MIT */
/*
 * A tracer's clock and the bounds of UTC in C, by the look-up's one source file: static or dynamic,
 * any C library. Where no fastclock is attached the program takes the clock that it has.
 *
 *     cc -I INCLUDE trace.c vdk_lookup.c -o trace && vdk run --vdso fastclock -- ./trace
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <vdk/lookup.h>

static int64_t libc_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * (int64_t)1000000000 + now.tv_nsec;
}

int main(void)
{
	static const char *const known[] = {"unknown", "synchronised", "free running"};
	int64_t (*now)(void) = (int64_t (*)(void))vdk_lookup(
		"__vdso_vdk_now_monotonic_unordered", "LINUX_2.6");
	int (*bounds)(int64_t *, int64_t *) = (int (*)(int64_t *, int64_t *))vdk_lookup(
		"__vdso_vdk_now_bounds", "LINUX_2.6");
	int64_t begin, end, earliest, latest;
	int status;

	if (!now)
		now = libc_now;
	begin = now();
	end = now();
	printf("monotonic %lld\n", (long long)end);
	printf("apart %lld ns\n", (long long)(end - begin));
	if (!bounds) {
		puts("no fastclock in this process");
		return 0;
	}
	status = bounds(&earliest, &latest);
	printf("utc %s", known[status]);
	if (status)
		printf(", to within %lld ns", (long long)(latest - earliest));
	putchar('\n');
	return 0;
}
