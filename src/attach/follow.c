/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attach to a program and to everything that it and its descendants ever execute.
 *
 * Three processes for a moment, and then two of ours beside the program:
 *
 *   the caller    puts the filter on itself, hands the listener over, becomes the program
 *   the keeper    holds the listener open, starts the worker and starts another if it dies: a
 *                 listener that nobody holds makes every execve of the tree fail with ENOSYS
 *   the worker    supervises (supervise.c)
 *
 * Keeper and worker are nobody's children, sit in a session of their own and hold nothing of the
 * caller's open, neither terminal nor pipes nor folders.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vdk/attach.h>

#include "attach/filter.h"
#include "attach/inject.h"
#include "attach/program.h"
#include "attach/rights.h"
#include "attach/supervise.h"
#include "base/cleanup.h"
#include "base/system.h"

/* A worker that dies this often does so by itself; then the tree is better off without one. */
#define WORKERS_MAX 1000
#define FAILED_PAUSE_US 10000

/* The exit status of a worker that wants a successor. */
#define WORKER_RETIRED 2

static int send_descriptor(int socket, int fd)
{
	char byte = 0;
	struct iovec io = {.iov_base = &byte, .iov_len = 1};
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr message = {
	        .msg_iov = &io,
	        .msg_iovlen = 1,
	        .msg_control = control.room,
	        .msg_controllen = sizeof(control.room),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	return sendmsg(socket, &message, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

/* The listener; a negative errno when the caller went away before it sent one. */
static int receive_descriptor(int socket)
{
	char byte;
	struct iovec io = {.iov_base = &byte, .iov_len = 1};
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr message = {
	        .msg_iov = &io,
	        .msg_iovlen = 1,
	        .msg_control = control.room,
	        .msg_controllen = sizeof(control.room),
	};
	struct cmsghdr *header;
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		return -ECANCELED;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		return -EBADMSG;
	memcpy(&fd, CMSG_DATA(header), sizeof(int));
	return fd;
}

/* Close every descriptor from 3 on but these, of which some may be -1; sorted on return. */
static void close_others(int *keep, size_t count)
{
	unsigned from = 3;

	for (size_t i = 0; i < count; i++) /* ascending, so that the gaps can be closed */
		for (size_t j = i + 1; j < count; j++)
			if (keep[j] < keep[i]) {
				const int swap = keep[i];

				keep[i] = keep[j];
				keep[j] = swap;
			}
	for (size_t i = 0; i < count; i++) {
		if (keep[i] < (int)from)
			continue;
		if (keep[i] > (int)from)
			vdk_close_range(from, (unsigned)keep[i] - 1);
		from = (unsigned)keep[i] + 1;
	}
	vdk_close_range(from, ~0u);
}

/* Let go of everything that is the caller's: terminal, session, folder, open files. */
static void leave_caller(const struct vdk_attach *attach, int socket)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int keep[] = {attach->image_fd, attach->page_fd,
	              attach->has_state ? attach->state_fd : -1, socket};

	setsid();
	if (chdir("/"))
		return; /* then a folder of the caller stays in use: no harm but to umount */
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
	close_others(keep, sizeof(keep) / sizeof(keep[0]));
}

/*
 * Our command line is a copy of the caller's and names the program: `pkill -f` meant for that would
 * find us, too. Where it lies are the fields 48 and 49 of proc_pid_stat(5).
 */
static void hide_command_line(void)
{
	static const char name[] = "vdk-keeper";
	vdk_cleanup_fclose FILE *file = fopen("/proc/self/stat", "re");
	unsigned long begin = 0, end = 0;

	if (!file || fscanf(file, "%*d (%*[^)])") < 0)
		return;
	for (int field = 3; field < 48; field++)
		if (fscanf(file, "%*s") < 0)
			return;
	if (fscanf(file, "%lu %lu", &begin, &end) != 2 || end < begin + sizeof(name))
		return;
	memset((void *)begin, 0, end - begin);
	memcpy((void *)begin, name, sizeof(name));
}

/* Nothing that a terminal or a careless kill sends to a group may reach the supervisor. */
static void ignore_signals(void)
{
	/* SIGTERM too: who stops a service signals all of it, and its shutdown may need to exec. */
	static const int ignored[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGPIPE, SIGALRM,
	                              SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU};

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
}

/* The tree is gone, or the worker could not go on: the last deed of the keeper. */
static void end(const struct vdk_inject *inject, bool failed)
{
	const struct vdk_attach_watch *watch = inject->attach->watch;

	if (!failed && watch && watch->ended)
		watch->ended(watch->data);
	_exit(failed);
}

/*
 * The worker. Its end lets go of the threads that it has in hand, so it retires for that and the keeper
 * starts the next one; without a keeper it forks the next one itself.
 */
static void work(const struct vdk_inject *inject, int listener, pid_t first,
                 struct vdk_inflight *inflight, pid_t keeper)
{
	int status;

	prctl(PR_SET_NAME, "vdk-follow");
	while ((status = vdk_supervise(inject, listener, first, inflight, true)) > 0) {
		if (getppid() == keeper)
			_exit(WORKER_RETIRED);
		if (fork() > 0)
			_exit(0);
		first = 0;
	}
	_exit(status < 0);
}

/* The keeper: start workers until the tree is gone. */
static void keep(const struct vdk_inject *inject, int listener, pid_t first)
{
	struct vdk_inflight *inflight = mmap(NULL, sizeof(*inflight), PROT_READ | PROT_WRITE,
	                                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const pid_t keeper = getpid();

	if (inflight == MAP_FAILED)
		_exit(1);
	for (int i = 0; i < WORKERS_MAX;) {
		int status;
		const pid_t worker = fork();

		if (!worker)
			work(inject, listener, first, inflight, keeper);
		if (worker < 0) /* then by ourselves */
			end(inject, vdk_supervise(inject, listener, first, inflight, false) < 0);
		while (waitpid(worker, &status, 0) < 0 && errno == EINTR)
			;
		if (WIFEXITED(status) && !WEXITSTATUS(status))
			end(inject, false);
		i += !WIFEXITED(status) || WEXITSTATUS(status) != WORKER_RETIRED;
		/* What it lacked may come back, while there are not too many of them. */
		if (WIFEXITED(status) && WEXITSTATUS(status) != WORKER_RETIRED)
			usleep(FAILED_PAUSE_US);
		if (inflight->served || inflight->received.id)
			first = 0;
	}
	end(inject, true);
}

static void supervisor(const struct vdk_inject *inject, pid_t first, int socket)
{
	int listener;

	prctl(PR_SET_NAME, "vdk-keeper");
	hide_command_line();
	ignore_signals();
	leave_caller(inject->attach, socket);
	listener = receive_descriptor(socket);
	close(socket);
	if (listener < 0)
		_exit(0);
	keep(inject, listener, first);
}

/* Fork the keeper by way of a child that ends at once, so that it is nobody's child. */
static int start_supervisor(const struct vdk_inject *inject, int *ret_socket,
                            struct vdk_report *report)
{
	const pid_t first = getpid();
	int ends[2], status = 0;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return vdk_report_set(report, -errno, "", "cannot make a socket: %s",
		                      strerror(errno));
	child = vdk_fork_silently();
	if (!child) {
		const pid_t grandchild = fork();

		if (!grandchild)
			supervisor(inject, first, ends[1]);
		_exit(grandchild < 0);
	}
	close(ends[1]);
	while (child > 0 && waitpid(child, &status, __WALL) < 0 && errno == EINTR)
		;
	if (child < 0 || status) {
		close(ends[0]);
		return vdk_report_set(report, -EAGAIN, "", "cannot fork the supervisor");
	}
	*ret_socket = ends[0];
	return 0;
}

int vdk_attach_follow(const struct vdk_attach *attach, const char *file, char *const argv[],
                      struct vdk_report *report)
{
	const struct vdk_attach_watch *watch = attach->watch;
	vdk_cleanup_close int socket = -1, listener = -1;
	struct vdk_inject inject;
	char path[PATH_MAX];
	int error;

	error = vdk_yama_verdict(vdk_yama_scope(), vdk_has_capability(VDK_CAP_SYS_PTRACE), true,
	                         report);
	if (!error)
		error = vdk_inject_prepare(attach, &inject, report);
	if (!error) {
		inject.filters++; /* the one that tells of execs */
		error = vdk_program_find(file, path, report);
	}
	if (!error)
		error = start_supervisor(&inject, &socket, report);
	if (!error)
		error = vdk_vsyscall_filter(&inject.vsyscall, report);
	if (!error)
		error = vdk_filter_install(watch ? watch->clocks : 0, &listener, report);
	if (error)
		return error;
	error = send_descriptor(socket, listener);
	if (error)
		return vdk_report_set(report, error, "follow", "the supervisor is gone: %s",
		                      strerror(-error));
	close(vdk_steal_fd(&listener));
	execve(path, argv, environ);
	if (errno == EPERM)
		return vdk_report_set(report, -EPERM, "ptrace",
		                      "this process may not be traced: another tracer (a debugger, "
		                      "strace) holds it, or a sandbox forbids ptrace(2)");
	return vdk_report_set(report, -errno, file, "cannot run: %s", strerror(errno));
}
