/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * raw N - N system calls for each question for the time, beside questions that are asked properly
 *
 * REALTIME_ALARM is one that vDSOs pass on to the kernel by a system call of their own. Prints how far
 * the true time lies behind the one that libc tells.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const int count = argc > 1 ? atoi(argv[1]) : 0;
	struct timespec now = {0};
	struct timeval day;

	for (int i = 0; i < count; i++) {
		syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
		syscall(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &now);
		syscall(SYS_gettimeofday, &day, NULL);
		syscall(SYS_time, NULL);
		syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
	}
	clock_gettime(CLOCK_REALTIME_ALARM, &now);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	clock_gettime(CLOCK_MONOTONIC, &now);
	gettimeofday(&day, NULL);
	clock_gettime(CLOCK_REALTIME, &now);
	printf("%lld\n", (long long)now.tv_sec);
	return 0;
}
