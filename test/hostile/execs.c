/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * execs MODE ROUNDS TARGET [OTHER] - programs that execute TARGET while something else happens to
 * them. ROUNDS children do it, one after the other; a line tells how they ended.
 *
 *   threads   eight threads execute at the same time: one of them becomes the program
 *   thread    another thread than the first executes, while the others map, unmap and fork
 *   rewrite   a process that shares the memory (CLONE_VM) changes path and arguments meanwhile:
 *             TARGET and OTHER both may start
 *   stop      it is stopped and continued at random moments
 *   kill      it is killed at random moments
 *   traced    a tracer of its own follows it
 *   fds       every descriptor that it may have is taken
 *   private   it may not be traced (PR_SET_DUMPABLE 0) until it executes
 *   filter    a filter of its own ends whoever makes a system call that is newer than Linux 5.16
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char *target, *other;
static char path[256], argument[64];
static char *const arguments[] = {path, argument, NULL};

static void *execute(void *unused)
{
	char *const own[] = {target, "x", NULL};

	execv(target, own);
	return NULL;
}

static void *churn(void *unused)
{
	for (;;) {
		void *memory = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		mprotect(memory, 4096, PROT_READ);
		munmap(memory, 65536);
		sched_yield();
	}
	return NULL;
}

static void many_threads(int execs, int churns)
{
	pthread_t thread;

	for (int i = 0; i < churns; i++)
		pthread_create(&thread, NULL, churn, NULL);
	for (int i = 0; i < execs; i++)
		pthread_create(&thread, NULL, execute, NULL);
	for (;;)
		pause();
}

/* Shares our memory, and has no part in the exec. */
static int rewrite(void *unused)
{
	for (unsigned i = 0; i < 2000000; i++) {
		const char *now = i % 2 ? target : other;

		/* Lengths are the same, so that it is one or the other or a mixture that is none. */
		for (size_t at = 0; at < sizeof(path) && (path[at] = now[at]); at++)
			;
		argument[i % 8] = (char)('a' + i % 26);
	}
	return 0;
}

static void share_and_execute(void)
{
	char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	strcpy(path, target);
	child = clone(rewrite, stack + 65536, CLONE_VM | SIGCHLD, NULL);
	prctl(PR_SET_PDEATHSIG, 0);
	for (int i = 0; i < 1000; i++)
		execv(path, arguments);
	kill(child, SIGKILL);
	_exit(8); /* a thousand mixtures in a row */
}

static void take_descriptors(void)
{
	const struct rlimit limit = {32, 32};

	setrlimit(RLIMIT_NOFILE, &limit);
	while (dup(0) >= 0)
		;
}

static void install_filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 450, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
		_exit(9);
}

static void child(const char *mode)
{
	if (!strcmp(mode, "threads"))
		many_threads(8, 0);
	if (!strcmp(mode, "thread"))
		many_threads(1, 4);
	if (!strcmp(mode, "rewrite"))
		share_and_execute();
	if (!strcmp(mode, "traced")) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
	}
	if (!strcmp(mode, "fds"))
		take_descriptors();
	if (!strcmp(mode, "private"))
		prctl(PR_SET_DUMPABLE, 0);
	if (!strcmp(mode, "filter"))
		install_filter();
	execute(NULL);
	_exit(7);
}

/* The tracer goes in the middle: at one of the stops before, inside of and behind the exec. */
static void trace(pid_t pid, unsigned random)
{
	int status;

	for (unsigned i = 0; waitpid(pid, &status, 0) == pid && WIFSTOPPED(status); i++) {
		if (i > random % 8) {
			ptrace(PTRACE_DETACH, pid, 0, 0);
			return;
		}
		ptrace(PTRACE_SYSCALL, pid, 0, WSTOPSIG(status) == SIGTRAP || WSTOPSIG(status) == SIGSTOP
		                                        ? 0 : WSTOPSIG(status));
	}
}

static void disturb(const char *mode, pid_t pid, unsigned random)
{
	usleep(random % 3000);
	if (!strcmp(mode, "kill"))
		kill(pid, SIGKILL);
	for (int i = 0; !strcmp(mode, "stop") && i < 5; i++) {
		kill(pid, SIGSTOP);
		usleep(random % 700);
		kill(pid, SIGCONT);
		usleep(random % 500);
	}
}

int main(int argc, char **argv)
{
	unsigned fine = 0, failed = 0, killed = 0;
	int last = 0;

	if (argc < 4)
		return 2;
	target = argv[3];
	other = argc > 4 ? argv[4] : target;
	srand(1);
	for (int i = 0; i < atoi(argv[2]); i++) {
		const unsigned random = (unsigned)rand();
		pid_t pid = fork();
		int status;

		if (!pid)
			child(argv[1]);
		if (!strcmp(argv[1], "traced"))
			trace(pid, random);
		else
			disturb(argv[1], pid, random);
		if (waitpid(pid, &status, 0) != pid)
			continue;
		fine += status == 0;
		killed += WIFSIGNALED(status) != 0;
		failed += WIFEXITED(status) && WEXITSTATUS(status);
		last = status ? status : last;
	}
	printf("%u fine, %u failed, %u killed", fine, failed, killed);
	if (failed || (killed && strcmp(argv[1], "kill")))
		printf(", last status %#x", (unsigned)last);
	printf("\n");
	return 0;
}
