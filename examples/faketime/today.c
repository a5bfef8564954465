/* SPDX-License-Identifier: MIT */
/*
 * today N - print the date, and again whenever another day has begun, N times
 *
 * An ordinary program that knows nothing of vdk; see what `vdk faketime` makes of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(int argc, char **argv)
{
	const struct timespec pause = {0, 10000000};
	char date[32], printed[32] = "";

	for (int left = argc > 1 ? atoi(argv[1]) : 1; left > 0; nanosleep(&pause, NULL)) {
		const time_t now = time(NULL);

		strftime(date, sizeof(date), "It is %F", gmtime(&now));
		if (strcmp(date, printed)) {
			left--;
			puts(date);
			fflush(stdout);
			strcpy(printed, date);
		}
	}
	return 0;
}
