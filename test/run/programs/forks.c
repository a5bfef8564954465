/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * forks - 1,000 children, one after the other and in batches; each must see the very vDSO of its
 * parent and the parent must get each exit status.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int child(int number, unsigned long vdso, time_t begin)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (getauxval(AT_SYSINFO_EHDR) != vdso || now.tv_sec < begin || now.tv_sec > begin + 600)
		return 255;
	return number % 200;
}

int main(void)
{
	const unsigned long vdso = getauxval(AT_SYSINFO_EHDR);
	struct timespec begin;
	int wrong = 0;

	clock_gettime(CLOCK_REALTIME, &begin);
	printf("time parent %lld\n", (long long)begin.tv_sec);
	for (int i = 0; i < 1000; i += 4) {
		pid_t pids[4];

		for (int j = 0; j < 4; j++) {
			pids[j] = fork();
			if (pids[j] == 0)
				_exit(child(i + j, vdso, begin.tv_sec));
		}
		for (int j = 0; j < 4; j++) {
			int status;

			if (waitpid(pids[j], &status, 0) != pids[j] || !WIFEXITED(status) ||
			    WEXITSTATUS(status) != (i + j) % 200)
				wrong++;
		}
	}
	printf("wrong %d\n", wrong);
	return wrong != 0;
}
