/* SPDX-License-Identifier: MIT */
/*
 * Context switches a second and tasks that run or wait, of each CPU:
 *
 *   cc show.c -o show librunqueue.so
 *   vdk run --vdso runqueue ./show
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runqueue.h"

int main(int argc, char **argv)
{
	const int rounds = argc > 1 ? atoi(argv[1]) : 10, cpus = runqueue_cpus();
	int64_t *before, at;

	if (cpus <= 0) {
		fprintf(stderr, "show: nobody publishes runqueue (%d)\n", cpus);
		return 1;
	}
	before = calloc((size_t)cpus, sizeof(*before));
	for (int round = 0; before && round <= rounds; round++) {
		const double seconds = round ? (double)(runqueue_at() - at) / 1e9 : 0;

		at = runqueue_at();
		for (int cpu = 0; cpu < cpus; cpu++) {
			const int64_t now = runqueue_cpu_switches((unsigned)cpu);

			if (round)
				printf("cpu%d %8.0f switches/s, %d running  ", cpu,
				       seconds > 0 ? (double)(now - before[cpu]) / seconds : 0,
				       runqueue_cpu_length((unsigned)cpu));
			before[cpu] = now;
		}
		puts(round ? "" : "since the last look:");
		if (round < rounds)
			sleep(1);
	}
	free(before);
	return 0;
}
