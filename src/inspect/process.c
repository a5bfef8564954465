/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Access to a process: its directory in /proc, the files there, its memory. */
#include "inspect/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* The files of /proc are regular ones; in a prepared tree anything may have their names. */
static int open_regular(int dir_fd, const char *name, int *ret_fd)
{
	vdk_cleanup_close int fd = openat(dir_fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat stat;

	if (fd < 0 || fstat(fd, &stat))
		return -errno;
	if (!S_ISREG(stat.st_mode))
		return -EBADMSG;
	*ret_fd = vdk_steal_fd(&fd);
	return 0;
}

int vdk_process_open_dir(int dir_fd, pid_t pid, struct vdk_process **ret_process,
                         struct vdk_report *report)
{
	struct vdk_process *process = calloc(1, sizeof(*process));

	if (!process) {
		close(dir_fd);
		return vdk_report_set(report, -ENOMEM, "", "out of memory");
	}
	process->pid = pid;
	process->dir_fd = dir_fd;
	process->mem_fd = -1;
	snprintf(process->object, sizeof(process->object), "process %d", (int)pid);
	process->mem_error = open_regular(dir_fd, "mem", &process->mem_fd);
	*ret_process = process;
	return 0;
}

int vdk_process_open(pid_t pid, struct vdk_process **ret_process, struct vdk_report *report)
{
	char path[32], object[32];
	int fd, error;

	if (!pid)
		pid = getpid();
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		error = errno == ENOENT ? -ESRCH : -errno;
		snprintf(object, sizeof(object), "process %d", (int)pid);
		return vdk_report_set(report, error, object, "%s", strerror(-error));
	}
	return vdk_process_open_dir(fd, pid, ret_process, report);
}

struct vdk_process *vdk_process_close(struct vdk_process *process)
{
	if (!process)
		return NULL;
	vdk_closep(&process->dir_fd);
	vdk_closep(&process->mem_fd);
	free(process);
	return NULL;
}

int vdk_process_memory(const struct vdk_process *process)
{
	return process->mem_error;
}

int vdk_process_read(const struct vdk_process *process, uint64_t address, void *to, size_t size)
{
	size_t done = 0;

	if (process->mem_fd < 0)
		return process->mem_error;
	/* Offsets are signed; no process has memory in the upper half. */
	if (address > INT64_MAX || size > INT64_MAX - address)
		return -EFAULT;
	while (done < size) {
		const ssize_t got = pread(process->mem_fd, (char *)to + done, size - done,
		                          (off_t)(address + done));
		const int error = errno;

		if (got < 0 && error == EINTR)
			continue;
		if (got < 0)
			return error == EIO ? -EFAULT : -error;
		/* The memory that was opened is gone: the process ended or has exec'd. */
		if (got == 0)
			return -ESRCH;
		done += (size_t)got;
	}
	return 0;
}

int vdk_process_file(const struct vdk_process *process, const char *name, size_t max,
                     char **ret_text, size_t *ret_size)
{
	vdk_cleanup_close int fd = -1;
	vdk_cleanup_free char *text = NULL;
	size_t size = 0, room = 0;
	const int error = open_regular(process->dir_fd, name, &fd);

	if (error)
		return error == -ENOENT ? -ESRCH : error;
	for (;;) {
		ssize_t got;

		if (room - size < 4096) {
			char *larger = realloc(text, room = room ? 2 * room : 32768);

			if (!larger)
				return -ENOMEM;
			text = larger;
		}
		got = read(fd, text + size, room - size - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		size += (size_t)got;
		if (size > max)
			return -EFBIG;
	}
	text[size] = '\0';
	*ret_text = text;
	*ret_size = size;
	text = NULL;
	return 0;
}
