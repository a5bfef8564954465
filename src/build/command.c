/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"

extern char **environ;

void command_signals(sigset_t *ret_set)
{
	sigemptyset(ret_set);
	sigaddset(ret_set, SIGHUP);
	sigaddset(ret_set, SIGINT);
	sigaddset(ret_set, SIGQUIT);
	sigaddset(ret_set, SIGTERM);
}

/* Is one of them waiting, because the caller blocked it? */
static int check_pending(struct vdk_report *report)
{
	sigset_t wanted, pending;

	command_signals(&wanted);
	if (!sigpending(&pending))
		for (int number = 1; number < NSIG; number++)
			if (sigismember(&wanted, number) == 1 &&
			    sigismember(&pending, number) == 1)
				return vdk_report_set(report, -ECANCELED, "", "ended by signal %d",
				                      number);
	return 0;
}

static int wait_for(pid_t pid, const char *program, struct vdk_report *report)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return vdk_report_set(report, -errno, program, "lost the program: %m");
	if (WIFSIGNALED(status))
		return vdk_report_set(report, -ECANCELED, program, "was ended by signal %d (%s)",
		                      WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status))
		return vdk_report_set(report, -ECANCELED, program,
		                      "failed with exit status %d; its own message stands above",
		                      WEXITSTATUS(status));
	return check_pending(report);
}

static int unblock(posix_spawnattr_t *attributes)
{
	sigset_t mask, ours;

	command_signals(&ours);
	if (pthread_sigmask(SIG_SETMASK, NULL, &mask))
		return EINVAL;
	for (int number = 1; number < NSIG; number++)
		if (sigismember(&ours, number) == 1)
			sigdelset(&mask, number);
	return posix_spawnattr_setsigmask(attributes, &mask) ?:
	       posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK);
}

/* @output_fd: what becomes its standard output, or -1 for ours. */
static int start(const struct list *argv, int output_fd, pid_t *ret_pid, struct vdk_report *report)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error;

	error = posix_spawn_file_actions_init(&actions);
	if (error)
		return vdk_report_set(report, -error, argv->items[0], "cannot be started");
	error = posix_spawnattr_init(&attributes);
	if (error) {
		posix_spawn_file_actions_destroy(&actions);
		return vdk_report_set(report, -error, argv->items[0], "cannot be started");
	}
	if (output_fd >= 0)
		error = posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
	if (!error)
		error = unblock(&attributes);
	if (!error)
		error = posix_spawnp(ret_pid, argv->items[0], &actions, &attributes, argv->items,
		                     environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (error)
		return vdk_report_set(report, -error, argv->items[0], "cannot be started: %s",
		                      strerror(error));
	return 0;
}

int command_run(const struct list *argv, struct vdk_report *report)
{
	pid_t pid;
	const int error = start(argv, -1, &pid, report);

	return error ? error : wait_for(pid, argv->items[0], report);
}

int command_read(const struct list *argv, char *output, size_t size, struct vdk_report *report)
{
	vdk_cleanup_close int reader = -1, writer = -1;
	char rest[512];
	size_t used = 0;
	int pipes[2], error;
	ssize_t count;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return vdk_report_set(report, -errno, argv->items[0], "no pipe: %m");
	reader = pipes[0];
	writer = pipes[1];
	error = start(argv, writer, &pid, report);
	if (error)
		return error;
	close(vdk_steal_fd(&writer));
	/* Read to the end even when the buffer is full, or the program would stall. */
	do {
		const size_t room = size - 1 - used;

		count = room ? read(reader, output + used, room) : read(reader, rest, sizeof(rest));
		if (count > 0 && room)
			used += count;
	} while (count > 0 || (count < 0 && errno == EINTR));
	output[used] = '\0';
	return wait_for(pid, argv->items[0], report);
}
