/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counting a program from its start to its end, with a filter that stops it at time calls only. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "doctor/trace.h"

#define GRACE_S 2

/* What the child says when it does not become the program: where, and with which errno. */
struct failure {
	int error;
	bool at_exec;
};

static void become_program(char **argv, int go_fd, int tell_fd, const sigset_t *mask)
{
	struct failure failure = {0};
	char go;

	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	if (read(go_fd, &go, 1) != 1)
		_exit(1);
	failure.error = trace_install_filter();
	if (!failure.error) {
		sigprocmask(SIG_SETMASK, mask, NULL);
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(argv[0], argv);
		failure = (struct failure){-errno, true};
	}
	if (write(tell_fd, &failure, sizeof(failure)) < 0)
		_exit(1);
	_exit(127);
}

static void call_at_end(struct trace *trace)
{
	struct doctor_run *run = trace->context;
	struct vdk_process *process;

	trace->calls->seconds = trace_now() - trace->start;
	/* Our child, whose number is its own until we have waited for it. */
	if (!vdk_process_open(trace->first, &process, NULL)) {
		trace->calls->cpu_seconds = trace_cpu_seconds(process);
		vdk_process_close(process);
	}
	if (run->at_end)
		run->at_end(trace->first, trace->calls, run->context);
	run->at_end = NULL;
}

static void watch(struct trace *trace, double seconds)
{
	trace->start = trace_now();
	if (trace_until(trace, seconds > 0 ? trace->start + seconds : 0))
		return;
	kill(trace->first, SIGTERM);
	if (trace_until(trace, trace_now() + GRACE_S))
		return;
	/* SIGKILL leaves no moment to look at it: that is now. */
	call_at_end(trace);
	kill(trace->first, SIGKILL);
	trace_until(trace, 0);
}

static int refused(int error, struct vdk_report *report)
{
	return vdk_report_set(report, error, "ptrace", "cannot watch a program here: %s",
	                      strerror(-error));
}

static int follow(struct doctor_run *run, struct trace *trace, int go_fd, int tell_fd,
                  struct vdk_report *report)
{
	struct failure failure;
	int error;

	if (ptrace(PTRACE_SEIZE, trace->first, 0L,
	           PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK |
	                   PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT |
	                   PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD)) {
		error = -errno;
		kill(trace->first, SIGKILL);
		waitpid(trace->first, NULL, 0);
		return refused(error, report);
	}
	if (write(go_fd, "", 1) != 1)
		return refused(-EIO, report);
	watch(trace, run->seconds);
	run->status = trace->status;
	if (read(tell_fd, &failure, sizeof(failure)) != sizeof(failure))
		return 0;
	/* EINVAL is what a kernel without filters says; it is no wrong argument of anybody's. */
	if (!failure.at_exec)
		return vdk_report_set(report, failure.error == -EINVAL ? -ENOSYS : failure.error, "seccomp",
		                      "cannot count a program's calls here: %s",
		                      strerror(-failure.error));
	return vdk_report_set(report, -ENOEXEC, run->argv[0], "%s", strerror(-failure.error));
}

int doctor_count_run(struct doctor_run *run, struct doctor_calls *ret_calls,
                     struct vdk_report *report)
{
	struct doctor_calls calls = {.method = "seccomp", .filtered = true};
	int go[2] = {-1, -1}, tell[2] = {-1, -1}, error;
	static struct trace trace;
	sigset_t child, before;

	trace = (struct trace){.calls = &calls, .guard = run->guard, .at_exit = call_at_end,
	                       .context = run};
	if (pipe2(go, O_CLOEXEC) || pipe2(tell, O_CLOEXEC | O_NONBLOCK)) {
		error = -errno;
		vdk_closep(&go[0]);
		vdk_closep(&go[1]);
		return vdk_report_set(report, error, "pipe", "%s", strerror(-error));
	}
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before);
	trace.first = fork();
	if (trace.first == 0)
		become_program(run->argv, go[0], tell[1], &before);
	error = trace.first < 0 ? refused(-errno, report) : 0;
	close(go[0]);
	close(tell[1]);
	/* The program gets what the terminal sends; whoever watches it stays to tell. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	if (!error)
		error = follow(run, &trace, go[1], tell[0], report);
	close(go[1]);
	close(tell[0]);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (!error)
		*ret_calls = calls;
	return error;
}
