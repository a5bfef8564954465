/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attach/tell.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/printable.h"
#include "base/system.h"

/* How long a message may wait for whoever reads the program's standard error, and we for it. */
#define PATIENCE_S 10
#define OUR_PATIENCE_MS 1000

static void read_name(pid_t tid, char name[32])
{
	char path[32];
	vdk_cleanup_close int fd = -1;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/comm", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, name, 31);
	name[length > 0 ? length - 1 : 0] = '\0'; /* without its newline */
	vdk_printable(name, strlen(name));
}

/* The message comes before what the program says, as long as it is not held up. */
static void wait_for(pid_t child)
{
	vdk_cleanup_close int process = (int)syscall(SYS_pidfd_open, child, 0);
	struct pollfd ended = {.fd = process, .events = POLLIN};

	if (process >= 0)
		poll(&ended, 1, OUR_PATIENCE_MS);
}

/*
 * What poll(2) has promised, another writer may have taken by now; and the file system below may be
 * one that never answers.
 */
static void write_apart(int fd, const char *line, size_t length)
{
	struct pollfd writable = {.fd = fd, .events = POLLOUT};
	const pid_t child = poll(&writable, 1, 0) == 1 ? fork() : -1;

	if (child > 0)
		wait_for(child);
	if (child)
		return;
	/* Nothing else of ours stays open in it: neither listener nor page. */
	if (dup2(fd, STDERR_FILENO) < 0)
		_exit(1);
	vdk_close_range(3, ~0u);
	signal(SIGALRM, SIG_DFL);
	alarm(PATIENCE_S);
	_exit(write(STDERR_FILENO, line, length) < 0);
}

/* @listener: -1, or the thread must still wait there for @id when all is known of it. */
static bool tell(int listener, uint64_t id, pid_t tid, const char *text)
{
	vdk_cleanup_close int process = (int)syscall(SYS_pidfd_open, tid, 0);
	vdk_cleanup_close int error_output = -1;
	char name[32], line[512];
	int length;

	if (process >= 0)
		error_output = (int)syscall(SYS_pidfd_getfd, process, STDERR_FILENO, 0);
	read_name(tid, name);
	if (listener >= 0 && ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id))
		return false;
	if (error_output < 0)
		return true;
	length = snprintf(line, sizeof(line), "vdk run: %s (%d) %s\n", name, tid, text);
	if (length >= (int)sizeof(line))
		length = sizeof(line) - 1;
	write_apart(error_output, line, (size_t)length);
	return true;
}

void vdk_tell(pid_t tid, const char *text)
{
	tell(-1, 0, tid, text);
}

bool vdk_tell_of(int listener, uint64_t id, pid_t tid, const char *text)
{
	return tell(listener, id, tid, text);
}
