/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the doctor measures and tries on the running system; each in a child that may die of it. */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vdk/page.h>

#include "doctor-try.h"
#include "look-cost.h"

static int call_clock(void)
{
	struct timespec now;

	return syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now) ? errno : 0;
}

static int call_ptrace(void)
{
	return ptrace(PTRACE_TRACEME, 0L, 0L, 0L) ? errno : 0;
}

/* Return: what @call returns, minus the signal that ended it, or DOCTOR_NOT_TRIED. */
static int try_apart(int (*call)(void))
{
	const pid_t child = fork();
	int status;

	if (child < 0)
		return DOCTOR_NOT_TRIED;
	if (child == 0) {
		const struct rlimit none = {0, 0};

		setrlimit(RLIMIT_CORE, &none);
		alarm(5);
		_exit(call());
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return DOCTOR_NOT_TRIED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void doctor_try(struct doctor_measured *measured)
{
	const struct look_clock_cost cost = look_clock_cost();
	int mode = PR_TSC_ENABLE;

	measured->vdso = cost.vdso;
	measured->coarse = cost.coarse;
	measured->syscall = cost.syscall;
	measured->vsyscall = cost.vsyscall;
	measured->raw_call = try_apart(call_clock);
	measured->ptrace = try_apart(call_ptrace);
	measured->tsc_denied = prctl(PR_GET_TSC, &mode) == 0 && mode == PR_TSC_SIGSEGV;
	measured->now = vdk_page_now();
}
