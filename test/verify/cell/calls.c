/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* calls [SECONDS] - call cell_sum again and again, with breaks or, for so long, without any */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <vdk/lookup.h>

typedef int sum_function(int left, int right);

__attribute__((noinline)) int caller_of_sum(sum_function *sum)
{
	return sum(11, 22) + 1;
}

int main(int argc, char **argv)
{
	sum_function *sum = (sum_function *)vdk_lookup("__vdso_cell_sum", "LINUX_2.6");
	const time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 60) + 1;
	volatile int sums = 0;

	if (!sum)
		return 1;
	while (time(NULL) < end) {
		for (int i = 0; argc > 1 && i < 1000000; i++)
			sums += caller_of_sum(sum);
		sums += caller_of_sum(sum);
		if (argc == 1)
			usleep(1000);
	}
	return 0;
}
