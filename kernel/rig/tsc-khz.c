/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tsc-khz - print the rate of this machine's time-stamp counter in kHz
 *
 * Between two readings of the kernel's clock, each paired with the counter as closely as a few
 * tries allow: a process that is put aside between clock and counter shows as a wide pair.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

struct pair {
	uint64_t counter, ns;
};

static struct pair read_pair(void)
{
	struct pair best = {0, 0};
	uint64_t width = UINT64_MAX;

	for (int i = 0; i < 50; i++) {
		struct timespec now;
		const uint64_t before = __rdtsc();
		clock_gettime(CLOCK_MONOTONIC_RAW, &now);
		const uint64_t after = __rdtsc();

		if (after - before < width) {
			width = after - before;
			best.counter = before + width / 2;
			best.ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
		}
	}
	return best;
}

int main(void)
{
	const struct timespec pause = {0, 100000000};
	const struct pair from = read_pair();

	nanosleep(&pause, NULL);
	const struct pair to = read_pair();
	printf("%llu\n", (unsigned long long)((to.counter - from.counter) * 1000000 /
	                                      (to.ns - from.ns)));
	return 0;
}
