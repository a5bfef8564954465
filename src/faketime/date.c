/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "date.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

extern char **environ;

static int start(const char *program, const char *text, int output, pid_t *ret_child)
{
	char argument[4096], date[] = "date", format[] = "+%s %N";
	char *argv[] = {date, argument, format, NULL};
	posix_spawn_file_actions_t actions;
	int error;

	if (snprintf(argument, sizeof(argument), "--date=%s", text) >= (int)sizeof(argument))
		return -EINVAL;
	error = posix_spawn_file_actions_init(&actions);
	if (error)
		return -error;
	error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (!error)
		error = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
		                                         O_WRONLY, 0);
	if (!error)
		error = posix_spawnp(ret_child, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -error;
}

int faketime_date(const char *program, const char *text, int64_t *ret_seconds,
                  int64_t *ret_nanoseconds)
{
	vdk_cleanup_close int read_end = -1, write_end = -1;
	long long seconds, nanoseconds;
	char answer[64];
	int ends[2], status = 0, error;
	size_t length = 0;
	ssize_t got;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	read_end = ends[0];
	write_end = ends[1];
	error = start(program, text, write_end, &child);
	if (error)
		return error;
	close(vdk_steal_fd(&write_end));
	while (length < sizeof(answer) - 1) {
		got = read(read_end, answer + length, sizeof(answer) - 1 - length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		length += (size_t)got;
	}
	answer[length] = '\0';
	/* A negated error is not 0, so that there is a child; the analyzer knows nothing of it. */
	// NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage)
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (status || sscanf(answer, "%lld %lld", &seconds, &nanoseconds) != 2)
		return -EINVAL;
	*ret_seconds = seconds;
	*ret_nanoseconds = nanoseconds;
	return 0;
}
