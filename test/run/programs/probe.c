/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * probe - what a program sees of its surroundings and of the time, as every probe.* here tells it:
 * arguments, an environment variable, standard input, and lines `time HOW SECONDS`, which are
 * compared by tolerance while all others are compared exactly. Exits 7.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>

#include <vdk/lookup.h>

static void tell_clocks(void)
{
	struct timespec now, later;
	struct timeval day;

	clock_gettime(CLOCK_REALTIME, &now);
	printf("time clock_gettime %lld\n", (long long)now.tv_sec);
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	printf("time coarse %lld\n", (long long)now.tv_sec);
	gettimeofday(&day, NULL);
	printf("time gettimeofday %lld\n", (long long)day.tv_sec);
	printf("time time %lld\n", (long long)time(NULL));
	clock_gettime(CLOCK_MONOTONIC, &now);
	clock_gettime(CLOCK_MONOTONIC, &later);
	printf("monotonic %s\n", later.tv_sec - now.tv_sec + (later.tv_nsec - now.tv_nsec) / 1e9 >= 0
	                                 ? "forward"
	                                 : "backward");
	clock_getres(CLOCK_MONOTONIC, &now);
	printf("resolution %lld.%09ld\n", (long long)now.tv_sec, now.tv_nsec);
	printf("bad clock %d\n", clock_gettime((clockid_t)12345, &now));
}

static void tell_beast(void)
{
	int (*beast)(void) = (int (*)(void))vdk_lookup("__vdso_vget_number_of_the_beast", "LINUX_2.6");

	if (beast)
		printf("beast %d\n", beast());
	else
		printf("beast none\n");
}

int main(int argc, char **argv)
{
	const char *variable = getenv("VDK_PROBE");
	char bytes[16], line[256] = "(nothing)\n";

	for (int i = 1; i < argc; i++)
		printf("argument %s\n", argv[i]);
	printf("environment %s\n", variable ? variable : "(unset)");
	fgets(line, sizeof(line), stdin);
	printf("input %s", line);
	tell_clocks();
	tell_beast();
	printf("random %d\n", (int)getrandom(bytes, sizeof(bytes), 0));
	fprintf(stderr, "a word on standard error\n");
	return 7;
}
