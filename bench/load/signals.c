/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * signals - 10,000 signals to a handler: half of them a process's own, half of them to and fro
 * between two processes
 *
 * On one CPU: whether the scheduler puts the two on one or on two makes more difference than
 * anything that is measured here.
 */
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t handled;

static void stay(void)
{
	const int cpu = sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu < 0 ? 0 : cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void handler(int number)
{
	(void)number;
	handled++;
}

/* Wait for a signal from the other, then send one: 2,500 of them each way. */
static void ball(pid_t other, int first, const sigset_t *none)
{
	for (int i = 0; i < 2500; i++) {
		if (first)
			kill(other, SIGUSR1);
		while (handled <= i)
			sigsuspend(none);
		if (!first)
			kill(other, SIGUSR1);
	}
}

int main(void)
{
	const struct sigaction action = {.sa_handler = handler};
	const pid_t parent = getpid();
	sigset_t mask, none;
	int status;
	pid_t child;

	stay();
	sigaction(SIGUSR1, &action, NULL);
	for (int i = 0; i < 5000; i++)
		kill(parent, SIGUSR1);
	if (handled != 5000)
		return 1;
	handled = 0;
	sigemptyset(&none);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	child = fork();
	if (child == 0) {
		ball(parent, 0, &none);
		_exit(0);
	}
	ball(child, 1, &none);
	return waitpid(child, &status, 0) != child || status;
}
