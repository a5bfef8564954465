/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * syscalls [--rounds N] [--cpu N] - what a system call costs in this process
 *
 * getppid(2) does next to nothing, so this is the way into the kernel and back. Run it plainly and
 * under `vdk run`: the difference is what the seccomp filter of a followed tree costs per call.
 */
#include <getopt.h>
#include <stdlib.h>

#include "bench.h"
#include "measure/calls.h"

static __attribute__((noinline)) void loop(const struct subject *subject, uint32_t calls)
{
	(void)subject;
	for (; calls; calls--)
		measure_raw_getppid();
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	        {"rounds", required_argument, NULL, 'r'},
	        {"cpu", required_argument, NULL, 'c'},
	        {0},
	};
	struct subject subject = {.group = "system call", .name = "getppid", .run = loop};
	int option, cpu = -1;
	unsigned rounds = 2000;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r')
			rounds = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'c')
			cpu = atoi(optarg);
		else
			return 2;
	}
	bench_pin(cpu);
	bench_rounds(&subject, 1, rounds);
	bench_print(measure_json(&subject, 1));
	return 0;
}
