/* SPDX-License-Identifier: MIT */
/*
 * Print the variable whenever it changes, by a function found at run time: static or dynamic,
 * glibc or musl, linked with nothing but the look-up. Ends after as many values as it is told.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <vdk/lookup.h>

int main(int argc, char **argv)
{
	int (*vget)(void) = (int (*)(void))vdk_lookup("__vdso_vget_number_of_the_beast",
	                                              "LINUX_2.6");
	int values = argc > 1 ? atoi(argv[1]) : 1;
	int last = 0;

	if (!vget) {
		puts("this process's vDSO has no vget_number_of_the_beast");
		return 1;
	}
	while (values > 0) {
		int now = vget();

		if (now != last) {
			printf("vnotb is %d\n", now);
			fflush(stdout);
			values--;
		}
		last = now;
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
	return 0;
}
