/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * no-vdso PROGRAM... - run a program that is told of no vDSO: AT_SYSINFO_EHDR in its auxiliary
 * vector becomes AT_IGNORE before its first instruction, as sandboxes and recorders do it.
 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* The stack at the start: argc, argv, NULL, environment, NULL, then pairs of type and value. */
static void hide(pid_t pid)
{
	struct user_regs_struct registers;
	unsigned long at, value;

	ptrace(PTRACE_GETREGS, pid, 0, &registers);
	at = registers.rsp + 8;
	for (int nulls = 0; nulls < 2; at += 8) {
		value = (unsigned long)ptrace(PTRACE_PEEKDATA, pid, at, 0);
		nulls += value == 0;
	}
	for (;; at += 16) {
		value = (unsigned long)ptrace(PTRACE_PEEKDATA, pid, at, 0);
		if (value == AT_SYSINFO_EHDR)
			ptrace(PTRACE_POKEDATA, pid, at, AT_IGNORE);
		if (value == AT_NULL)
			return;
	}
}

int main(int argc, char **argv)
{
	const pid_t pid = fork();
	int status;

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	if (WIFSTOPPED(status)) {
		hide(pid);
		ptrace(PTRACE_DETACH, pid, 0, 0);
		waitpid(pid, &status, 0);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
