/* SPDX-License-Identifier: MIT */
/*
 * What time is it, and what time is it really? In C, by the look-up's one source file: static or
 * dynamic, any C library. Where the time is not faked both are the same.
 *
 *     cc -I INCLUDE truth.c vdk_lookup.c -o truth && vdk faketime +1y ./truth
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <vdk/lookup.h>

typedef int true_time(int32_t clock, struct timespec *time);

int main(void)
{
	true_time *const ask = (true_time *)vdk_lookup("__vdso_vdk_faketime_true", "LINUX_2.6");
	struct timespec shown, now;

	clock_gettime(CLOCK_REALTIME, &shown);
	now = shown;
	if (ask && ask(CLOCK_REALTIME, &now)) /* a negative errno */
		return 1;
	printf("shown %lld\ntrue %lld\n%s", (long long)shown.tv_sec, (long long)now.tv_sec,
	       ask ? "" : "no faketime in this process\n");
	return 0;
}
