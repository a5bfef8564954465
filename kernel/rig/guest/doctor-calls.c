/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor-calls libc|raw COUNT - ask for the time so often, by libc or by an instruction of its own */
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

static long raw(struct timespec *now)
{
	long result;

	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"((long)SYS_clock_gettime), "D"((long)CLOCK_MONOTONIC), "S"(now)
	                 : "rcx", "r11", "memory");
	return result;
}

int main(int argc, char **argv)
{
	const int own = argc > 1 && !strcmp(argv[1], "raw");
	struct timespec now;

	for (long i = argc > 2 ? atol(argv[2]) : 0; i > 0; i--)
		if (own ? raw(&now) : clock_gettime(CLOCK_MONOTONIC, &now))
			return 1;
	return 0;
}
