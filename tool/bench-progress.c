/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

static bool shown;

static double seconds_since_start(void)
{
	static struct timespec start;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!start.tv_sec)
		start = now;
	return (double)(now.tv_sec - start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) * 1e-9;
}

void bench_progress(const char *what, double share)
{
	if (seconds_since_start() < 1 || !isatty(STDERR_FILENO))
		return;
	dprintf(STDERR_FILENO, "\r\033[Kvdk bench: %s: %.0f %%", what, 100 * share);
	shown = true;
}

void bench_progress_end(void)
{
	if (shown)
		dprintf(STDERR_FILENO, "\r\033[K");
	shown = false;
}
