/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The stops of tracees. All were seized, so that group stops are told apart from signals
 * (PTRACE_EVENT_STOP) and the programs' job control goes on as without us.
 */
#include "doctor/trace.h"

#include <errno.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "doctor-arch.h"
#include "inspect/process.h"

/* <sys/ptrace.h> and <linux/ptrace.h> contradict one another; the call itself is the same. */
static long trace_call(int request, pid_t pid, unsigned long address, void *data)
{
	return syscall(SYS_ptrace, (long)request, (long)pid, address, data);
}

double trace_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int trace_install_filter(void)
{
	const uint32_t number = offsetof(struct seccomp_data, nr);
	const uint32_t first = offsetof(struct seccomp_data, args[0]);
	const uint32_t second = offsetof(struct seccomp_data, args[1]);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, DOCTOR_AUDIT_ARCH, 0, 12),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, number),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)doctor_time_calls[0].number, 9, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)doctor_time_calls[1].number, 8, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)doctor_time_calls[2].number, 7, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)doctor_time_calls[3].number, 6, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)doctor_time_calls[4].number, 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, first),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_TSC, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, second),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_TSC_SIGSEGV, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	_Static_assert(DOCTOR_TIME_CALLS == 5, "the filter has a line for each call");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
		return -errno;
	return 0;
}

/* ---- One call -------------------------------------------------------------------------------- */

static const struct trace_caller *find_caller(struct trace *trace, pid_t pid, uint64_t address)
{
	const size_t start = (size_t)((address >> 1) * 31 + (uint64_t)pid) % TRACE_CALLERS;
	struct trace_caller *caller = &trace->callers[start];

	/* A place of its own by its hash; who else has that place takes it over. */
	if (caller->pid == pid && caller->address == address)
		return caller;
	caller->pid = pid;
	caller->address = address;
	if (trace->guard)
		trace->guard->begin();
	caller->origin = doctor_origin(pid, address, caller->from, sizeof(caller->from));
	if (trace->guard)
		trace->guard->end();
	return caller;
}

static void forget_callers(struct trace *trace, pid_t pid)
{
	for (size_t i = 0; i < TRACE_CALLERS; i++)
		if (trace->callers[i].pid == pid)
			trace->callers[i].pid = 0;
}

static void count_call(struct trace *trace, pid_t pid)
{
	struct ptrace_syscall_info info = {0};
	const struct trace_caller *caller;
	uint64_t number;
	int call;

	if (trace_call(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0 ||
	    info.arch != DOCTOR_AUDIT_ARCH)
		return;
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY && info.op != PTRACE_SYSCALL_INFO_SECCOMP)
		return;
	/* Both forms begin with the number and the arguments. */
	number = info.entry.nr;
	if (number == SYS_prctl && info.entry.args[0] == PR_SET_TSC &&
	    info.entry.args[1] == PR_TSC_SIGSEGV)
		trace->calls->tsc_denials++;
	call = doctor_time_call(number, info.entry.args[0]);
	if (call == -2)
		trace->calls->needed++;
	if (call < 0)
		return;
	caller = find_caller(trace, pid, info.instruction_pointer);
	doctor_calls_add(trace->calls, doctor_time_calls[call].name, caller->origin, caller->from, 1);
}

/* ---- One stop -------------------------------------------------------------------------------- */

static bool stops_group(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

static void handle_stop(struct trace *trace, pid_t pid, int status)
{
	const int signal = WSTOPSIG(status), event = status >> 16;
	const int resume = trace->every ? PTRACE_SYSCALL : PTRACE_CONT;
	long deliver = 0;

	if (event == PTRACE_EVENT_STOP && stops_group(signal)) {
		trace_call(PTRACE_LISTEN, pid, 0, NULL);
		return;
	}
	if (signal == (SIGTRAP | 0x80) || event == PTRACE_EVENT_SECCOMP)
		count_call(trace, pid);
	else if (event == PTRACE_EVENT_EXEC) {
		forget_callers(trace, pid);
		trace->calls->processes++;
	} else if (event == PTRACE_EVENT_EXIT) {
		if (pid == trace->first && trace->at_exit)
			trace->at_exit(trace);
	} else if (event == 0)
		deliver = signal;
	trace_call(resume, pid, 0, (void *)deliver);
}

/* Return: false when there is no tracee left. */
static bool handle_all(struct trace *trace)
{
	int status;

	for (;;) {
		const pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return false;
		if (pid == 0)
			return true;
		if (WIFSTOPPED(status)) {
			handle_stop(trace, pid, status);
		} else if (pid == trace->first) {
			trace->first_ended = true;
			trace->status = status;
		}
	}
}

/* Fields 14 to 17 of stat, in ticks. */
double trace_cpu_seconds(const struct vdk_process *process)
{
	unsigned long long ticks[4] = {0};
	char *text = NULL, *at = NULL;
	size_t size;

	if (vdk_process_file(process, "stat", 65536, &text, &size) == 0)
		at = strrchr(text, ')');
	if (at)
		sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu", &ticks[0],
		       &ticks[1], &ticks[2], &ticks[3]);
	free(text);
	return (double)(ticks[0] + ticks[1] + ticks[2] + ticks[3]) / (double)sysconf(_SC_CLK_TCK);
}

bool trace_until(struct trace *trace, double until)
{
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	for (;;) {
		struct timespec wait = {1, 0};
		double left = 1;

		if (!handle_all(trace) || trace->first_ended)
			return true;
		if (until > 0) {
			left = until - trace_now();
			if (left <= 0)
				return false;
		}
		if (left < 1)
			wait = (struct timespec){0, (long)(left * 1e9)};
		sigtimedwait(&child, NULL, &wait);
	}
}
