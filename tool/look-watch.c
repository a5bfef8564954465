/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An end to reads that never end. A process may put memory under our eyes whose pages somebody in
 * user space has to bring and never does: a file of a FUSE file system. Whoever reads it cannot be
 * interrupted, and not even be killed, once the file system has the request. So the command runs
 * in a child with a thread that watches the time; when that is up, the thread tells the parent,
 * which goes, and the child goes as soon as the kernel lets it.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "look.h"
#include "vdk.h"

#define PATIENCE_S 10

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended;
static const char *watched; /* the command; NULL: nothing is read */
static pthread_t watcher;
static pid_t parent; /* 0: there is none to tell */

static void give_up(int unused)
{
	_exit(EXIT_SYSTEM);
}

/* The child's end is ours, whatever it was. */
static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_SYSTEM;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	signal(WTERMSIG(status), SIG_DFL);
	raise(WTERMSIG(status));
	return EXIT_SYSTEM;
}

int look_apart(int (*command)(int argc, char **argv), int argc, char **argv)
{
	const pid_t self = getpid();
	pid_t child;

	signal(SIGUSR1, give_up);
	child = fork();
	/* What the terminal sends goes to the child, too, and it decides whether to end of it. */
	if (child > 0) {
		signal(SIGINT, SIG_IGN);
		signal(SIGQUIT, SIG_IGN);
		return wait_for(child);
	}
	signal(SIGUSR1, SIG_DFL);
	if (child == 0) {
		parent = self;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != self)
			return EXIT_SYSTEM;
	}
	return command(argc, argv);
}

static void *watch(void *unused)
{
	struct timespec until;
	int error = 0;

	/* The kernel compares with its own clock, so ours must be true even under `vdk faketime`. */
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&lock);
	while (watched && error != ETIMEDOUT)
		error = pthread_cond_timedwait(&ended, &lock, &until);
	if (watched) {
		tool_error(watched, "the process does not let its memory be read: gave up after "
		                    "%d seconds", PATIENCE_S);
		if (parent)
			kill(parent, SIGUSR1);
		_exit(EXIT_SYSTEM);
	}
	pthread_mutex_unlock(&lock);
	return unused;
}

void look_watch(const char *command)
{
	pthread_condattr_t monotonic;

	watched = command;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&ended, &monotonic);
	/* Without a watcher we would only wait longer. */
	if (pthread_create(&watcher, NULL, watch, NULL))
		watched = NULL;
}

void look_watch_end(void)
{
	bool running;

	pthread_mutex_lock(&lock);
	running = watched != NULL;
	watched = NULL;
	pthread_cond_signal(&ended);
	pthread_mutex_unlock(&lock);
	if (running)
		pthread_join(watcher, NULL);
}
