/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attach/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Longer than any line that is asked for; those of groups and CPUs may be longer, and are passed by. */
#define STATUS_LINE 256

/*
 * The value of a line of /proc/TID/status, NUL-terminated; false when the thread is gone. @field is
 * not the first line's. Asked at each exec, and so without a libc's stream, whose buffer and many
 * small reads cost nearly as much again as the kernel's text.
 */
static bool read_status(pid_t tid, const char *field, char value[128])
{
	char path[32], text[4096 + STATUS_LINE], name[40];
	vdk_cleanup_close int fd = -1;
	size_t size = 0;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	snprintf(name, sizeof(name), "\n%s", field);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (length = read(fd, text + size, sizeof(text) - 1 - size)) > 0) {
		const char *found;

		size += (size_t)length;
		text[size] = '\0';
		found = strstr(text, name);
		if (found && strchr(found + 1, '\n')) {
			found += strlen(name);
			found += strspn(found, "\t ");
			snprintf(value, 128, "%.*s", (int)strcspn(found, "\n"), found);
			return true;
		}
		/* What is asked for may begin at the end of this piece. */
		if (size > STATUS_LINE) {
			memmove(text, text + size - STATUS_LINE, STATUS_LINE);
			size = STATUS_LINE;
		}
	}
	return false;
}

pid_t vdk_thread_process(pid_t tid)
{
	char value[128];

	/* Most are their process's first thread, and a signal that is none tells so at once. */
	if (!syscall(SYS_tgkill, tid, tid, 0))
		return tid;
	return read_status(tid, "Tgid:", value) ? atoi(value) : 0;
}

bool vdk_thread_is_zombie(pid_t tid)
{
	char value[128];

	return !read_status(tid, "State:", value) || value[0] == 'Z' || value[0] == 'X';
}

int vdk_thread_filters(pid_t tid)
{
	char value[128];

	return read_status(tid, "Seccomp_filters:", value) ? atoi(value) : 0;
}

bool vdk_thread_tracer_is_vdk(pid_t tid)
{
	struct stat ours, theirs;
	char value[128], path[32];

	if (!read_status(tid, "TracerPid:", value))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/exe", atoi(value));
	return !stat("/proc/self/exe", &ours) && !stat(path, &theirs) &&
	       ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

unsigned long vdk_thread_user_time(pid_t tid)
{
	char path[32], text[512];
	vdk_cleanup_close int fd = -1;
	unsigned long time = 0;
	const char *after;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (length <= 0)
		return 0;
	text[length] = '\0';
	/* Field 14 of proc_pid_stat(5), behind a name that may have blanks and parentheses. */
	after = strrchr(text, ')');
	if (!after || sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu", &time) != 1)
		return 0;
	return time;
}

enum vdk_place vdk_thread_place(pid_t tid)
{
	char path[40], text[32];
	vdk_cleanup_close int fd = -1;
	ssize_t length;
	long number;

	snprintf(path, sizeof(path), "/proc/%d/syscall", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return VDK_GONE;
	length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (length <= 0)
		return VDK_IN_PROGRAM;
	text[length] = '\0';
	if (sscanf(text, "%ld", &number) != 1)
		return VDK_RUNS;
	if (number < 0)
		return VDK_IN_PROGRAM;
	return number == SYS_execve || number == SYS_execveat ? VDK_IN_EXEC : VDK_IN_CALL;
}
