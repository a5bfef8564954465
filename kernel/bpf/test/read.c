/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads the page of the test's image as an attached program:
 *
 *   read once          print a count
 *   read torn SECONDS  read both records all the time: print reads, updates seen, counts that went
 *                      backwards, torn reads, dropped updates
 *   read follow        print a count each 100 ms until standard input ends
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "torn.h"

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static int torn(double seconds)
{
	const long long end = now_ns() + (long long)(seconds * 1e9);
	long reads = 0, updates = 0, torn = 0, failed = 0, last[2] = {0};

	while (now_ns() < end)
		for (int i = 0; i < 200; i++) {
			const long count = i & 1 ? torn_large() : torn_small();

			reads++;
			torn += count == -5;
			failed += count < 0 && count != -5;
			updates += count > 0 && count != last[i & 1];
			if (count > 0)
				last[i & 1] = count;
		}
	printf("reads=%ld updates=%ld torn=%ld failed=%ld dropped=%ld\n", reads, updates, torn,
	       failed, torn_dropped());
	return torn || failed;
}

static int follow(void)
{
	struct pollfd polled = {.fd = STDIN_FILENO, .events = POLLIN};

	do {
		printf("%ld\n", torn_small());
		fflush(stdout);
	} while (poll(&polled, 1, 100) == 0);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "torn"))
		return torn(atof(argv[2]));
	if (argc > 1 && !strcmp(argv[1], "follow"))
		return follow();
	printf("%ld\n", torn_small());
	return 0;
}
