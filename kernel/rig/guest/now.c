/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * now - print what the vDSO of this process tells: "beast A B" by the article's two functions, or
 * "beast none" where it has none, and "apart N", how many ns a system call's clock is behind libc's
 */
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <vdk/lookup.h>

int main(void)
{
	int (*const constant)(void) =
	        (int (*)(void))vdk_lookup("__vdso_number_of_the_beast", "LINUX_2.6");
	int (*const variable)(void) =
	        (int (*)(void))vdk_lookup("__vdso_vget_number_of_the_beast", "LINUX_2.6");
	struct timespec libc, raw;

	if (constant && variable)
		printf("beast %d %d\n", constant(), variable());
	else
		puts("beast none");
	clock_gettime(CLOCK_MONOTONIC, &libc);
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &raw);
	printf("apart %lld\n", (long long)(raw.tv_sec - libc.tv_sec) * 1000000000 + raw.tv_nsec -
	                               libc.tv_nsec);
	return 0;
}
