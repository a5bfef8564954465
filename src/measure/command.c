/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "measure/command.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

/* Timed with the actions prepared: a failure that is fast must not pass for a figure. */
static int time_command(char *const *argv, const posix_spawn_file_actions_t *actions,
                        double *ret_ms, int *ret_status)
{
	const double begin = now_ms();
	int status, error;
	pid_t pid;

	error = posix_spawnp(&pid, argv[0], actions, NULL, argv, environ);
	if (error)
		return -error;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	*ret_ms = now_ms() - begin;
	*ret_status = status;
	return status ? -ECHILD : 0;
}

int measure_command(char *const *argv, double *ret_ms, int *ret_status)
{
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return -error;
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	error = time_command(argv, &actions, ret_ms, ret_status);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}
