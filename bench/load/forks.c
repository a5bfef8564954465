/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* forks - 1,000 children, one after the other, each waited for */
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 1000; i++) {
		const pid_t pid = fork();
		int status;

		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			return 1;
	}
	return 0;
}
