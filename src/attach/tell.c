/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attach/tell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

static void read_name(pid_t tid, char name[32])
{
	char path[32];
	vdk_cleanup_close int fd = -1;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/comm", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, name, 31);
	name[length > 0 ? length - 1 : 0] = '\0'; /* without its newline */
}

void vdk_tell(pid_t tid, const char *text)
{
	vdk_cleanup_close int process = (int)syscall(SYS_pidfd_open, tid, 0);
	vdk_cleanup_close int error_output = -1;
	struct pollfd writable;
	char name[32], line[512];
	int length;

	if (process < 0)
		return;
	error_output = (int)syscall(SYS_pidfd_getfd, process, STDERR_FILENO, 0);
	if (error_output < 0)
		return;
	read_name(tid, name);
	length = snprintf(line, sizeof(line), "vdk run: %s (%d) %s\n", name, tid, text);
	if (length >= (int)sizeof(line))
		length = sizeof(line) - 1;
	writable = (struct pollfd){.fd = error_output, .events = POLLOUT};
	if (poll(&writable, 1, 0) == 1 && write(error_output, line, (size_t)length) < 0)
		return; /* a broken pipe: nobody listens */
}
