/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * signals HOW - end in a way that the parent must see unchanged: "NUMBER" kills itself by that
 * signal; "mask" tells the signal state that it started with.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void tell_state(void)
{
	struct sigaction action;
	sigset_t mask;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int i = 1; i < NSIG; i++) {
		if (sigismember(&mask, i) == 1)
			printf("blocked %d\n", i);
		if (sigaction(i, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			printf("ignored %d\n", i);
	}
	sigpending(&mask);
	for (int i = 1; i < NSIG; i++) {
		if (sigismember(&mask, i) == 1)
			printf("pending %d\n", i);
	}
}

int main(int argc, char **argv)
{
	const struct rlimit no_core = { 0, 0 };

	if (strcmp(argv[1], "mask") == 0) {
		tell_state();
		return 0;
	}
	setrlimit(RLIMIT_CORE, &no_core);
	raise(atoi(argv[1]));
	return 0;
}
