/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attach to one program and to nothing that it starts.
 *
 * This process becomes the program, so that PID, parent and exit status are the caller's. The
 * tracer for the moment of the exec is a helper which is nobody's child by then: a grandchild
 * whose parent has ended, so that the program never finds a child that it does not know.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vdk/attach.h>

#include "attach/inject.h"
#include "attach/program.h"
#include "attach/rights.h"
#include "base/cleanup.h"
#include "base/system.h"

/* What the helper says about its start: 0 or a negative errno. */
static void say(int fd, int value)
{
	if (write(fd, &value, sizeof(value)) != sizeof(value))
		_exit(1);
}

static void complain(const char *text)
{
	static const char prefix[] = "vdk run: not run: the program ";
	char line[256];
	size_t length = 0;

	for (const char *c = prefix; *c; c++)
		line[length++] = *c;
	for (; *text && length < sizeof(line) - 1; text++)
		line[length++] = *text;
	line[length++] = '\n';
	if (write(STDERR_FILENO, line, length) < 0)
		return; /* nobody to tell */
}

/* Is the program to be traced for life? Then it goes on, as one of ours. */
static bool keeps(const struct vdk_inject *inject, pid_t tid)
{
	static struct vdk_vsyscall_seen seen;

	return vdk_vsyscall_wanted(&inject->vsyscall, tid, &seen) &&
	       !ptrace(PTRACE_SETOPTIONS, tid, 0, vdk_vsyscall_options(&inject->vsyscall)) &&
	       !ptrace(PTRACE_CONT, tid, 0, 0);
}

/*
 * The exec stop: attach and let go, or keep the program if it calls the vsyscall page. A program
 * that cannot be attached must not run.
 */
static void at_exec(const struct vdk_inject *inject, pid_t tid)
{
	const int inherited[3] = {inject->attach->image_fd, inject->attach->page_fd,
	                          inject->attach->has_state ? inject->attach->state_fd : -1};
	const enum vdk_verdict verdict = vdk_inject(inject, tid, VDK_START_FATAL, inherited);

	if (verdict != VDK_VERDICT_ATTACHED && verdict != VDK_VERDICT_VANISHED) {
		complain(vdk_verdict_text(verdict));
		vdk_inject_exit(tid);
	} else if (keeps(inject, tid)) {
		vdk_vsyscall_trace(inject, false);
		return;
	}
	ptrace(PTRACE_DETACH, tid, 0, 0);
}

/* From the seize to the exec stop, or to the end of a process whose exec failed. */
static void trace(const struct vdk_inject *inject, pid_t tid)
{
	for (;;) {
		int status;

		if (waitpid(tid, &status, __WALL) < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		if (!WIFSTOPPED(status))
			return;
		if (status >> 16 == PTRACE_EVENT_EXEC) {
			at_exec(inject, tid);
			return;
		}
		/* Stopped like by any SIGSTOP: stay so until SIGCONT, which is a stop by SIGTRAP. */
		if (status >> 16 == PTRACE_EVENT_STOP)
			ptrace(WSTOPSIG(status) == SIGTRAP ? PTRACE_CONT : PTRACE_LISTEN, tid, 0,
			       0);
		else
			ptrace(PTRACE_CONT, tid, 0, WSTOPSIG(status));
	}
}

static void helper(const struct vdk_inject *inject, pid_t program, int ready)
{
	/* A terminal's signals are for the program; the helper ends by itself. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (ptrace(PTRACE_SEIZE, program, 0, PTRACE_O_TRACEEXEC)) {
		say(ready, -errno);
		_exit(1);
	}
	say(ready, 0);
	close(ready);
	trace(inject, program);
	_exit(0);
}

/* Fork the helper by way of a child that ends at once. */
static int start_helper(const struct vdk_inject *inject, struct vdk_report *report)
{
	const pid_t program = getpid();
	vdk_cleanup_close int ready_read = -1, ready_write = -1;
	int ends[2], error = 0;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		return vdk_report_set(report, -errno, "", "cannot make a pipe: %s", strerror(errno));
	ready_read = ends[0];
	ready_write = ends[1];
	/* The Yama module allows a tracer that is no ancestor only to those who ask for it. */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	child = vdk_fork_silently();
	if (child < 0)
		return vdk_report_set(report, -errno, "", "cannot fork: %s", strerror(errno));
	if (!child) {
		const pid_t grandchild = fork();

		if (!grandchild)
			helper(inject, program, ready_write);
		if (grandchild < 0)
			say(ready_write, -errno);
		_exit(0);
	}
	close(vdk_steal_fd(&ready_write));
	while (waitpid(child, NULL, __WALL) < 0 && errno == EINTR)
		;
	if (read(ready_read, &error, sizeof(error)) != sizeof(error))
		error = -ECHILD;
	prctl(PR_SET_PTRACER, 0, 0, 0, 0);
	if (error == -EPERM)
		return vdk_report_set(report, error, "ptrace",
		                      "this process may not be traced: another tracer (a debugger, "
		                      "strace) holds it, or a sandbox forbids ptrace(2)");
	if (error)
		return vdk_report_set(report, error, "ptrace", "cannot trace: %s", strerror(-error));
	return 0;
}

/* The image's and page's descriptors pass into the program, which closes them as it maps. */
static int pass_descriptor(int fd)
{
	return fd < 0 || !fcntl(fd, F_SETFD, 0) ? 0 : -errno;
}

int vdk_attach_once(const struct vdk_attach *attach, const char *file, char *const argv[],
                    struct vdk_report *report)
{
	struct vdk_inject inject;
	char path[PATH_MAX];
	int error;

	error = vdk_yama_verdict(vdk_yama_scope(), vdk_has_capability(VDK_CAP_SYS_PTRACE), false,
	                         report);
	if (!error)
		error = vdk_inject_prepare(attach, &inject, report);
	if (!error)
		error = vdk_program_find(file, path, report);
	if (!error)
		error = start_helper(&inject, report);
	if (error)
		return error;
	error = pass_descriptor(attach->image_fd);
	if (!error)
		error = pass_descriptor(attach->page_fd);
	if (!error && attach->has_state)
		error = pass_descriptor(attach->state_fd);
	if (!error)
		error = vdk_vsyscall_filter(&inject.vsyscall, report);
	if (!error) {
		execve(path, argv, environ);
		error = -errno;
	}
	return vdk_report_set(report, error, file, "cannot run: %s", strerror(-error));
}
