/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "publish/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

int vdk_read_at(int fd, void *to, size_t size, off_t offset)
{
	for (size_t done = 0; done < size;) {
		const ssize_t got = pread(fd, (char *)to + done, size - done, offset + (off_t)done);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			return -ENODATA;
		if (got > 0)
			done += (size_t)got;
	}
	return 0;
}

int vdk_write_at(int fd, const void *from, size_t size, off_t offset)
{
	for (size_t done = 0; done < size;) {
		const ssize_t put =
			pwrite(fd, (const char *)from + done, size - done, offset + (off_t)done);

		if (put < 0 && errno != EINTR)
			return -errno;
		if (put > 0)
			done += (size_t)put;
	}
	return 0;
}

/* A second of it, after which the publisher is one that was stopped while it held the lease. */
#define LEASE_TRIES 1000

static int open_patiently(int dir_fd, const char *file, int flags, int *ret_fd)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (int try = 0; try < LEASE_TRIES; try++) {
		const int fd = openat(dir_fd, file, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

		if (fd >= 0) {
			*ret_fd = fd;
			return 0;
		}
		/* Only a lease makes an open that does not wait say so. */
		if (errno != EWOULDBLOCK)
			return -errno;
		nanosleep(&pause, NULL);
	}
	return -EWOULDBLOCK;
}

int vdk_open_at(int dir_fd, const char *file, int flags, int *ret_fd)
{
	return open_patiently(dir_fd, file, flags | O_NOFOLLOW, ret_fd);
}

int vdk_reopen(int fd, int flags, int *ret_fd)
{
	char path[32];
	int error;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	error = open_patiently(AT_FDCWD, path, flags, ret_fd);
	/* A file that is open is there, even one without a name: what is missing is the way to it. */
	return error == -ENOENT || error == -ENOTDIR ? -EOPNOTSUPP : error;
}

const char *vdk_open_problem(int error)
{
	if (error == -EWOULDBLOCK)
		return "somebody holds a lease on it: its publisher is stopped";
	if (error == -EOPNOTSUPP)
		return "/proc is not mounted here, and a file is opened for writing by way of it";
	return error == -ELOOP ? "a symbolic link, which is not followed: name the file itself"
	                       : strerror(-error);
}

int vdk_copy_file(int from, int to)
{
	char bytes[16384];
	off_t at = 0;

	for (;;) {
		const ssize_t got = pread(from, bytes, sizeof(bytes), at);
		int error;

		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			return 0;
		if (got < 0)
			continue;
		error = vdk_write_at(to, bytes, (size_t)got, at);
		if (error)
			return error;
		at += got;
	}
}

int vdk_executable_copy(int *fd, const char *object, struct vdk_report *report)
{
	vdk_cleanup_close int copy = -1;
	struct statvfs system;
	int error = 0;

	if (fstatvfs(*fd, &system) < 0 || !(system.f_flag & ST_NOEXEC))
		return 0;
	copy = memfd_create("vdk-image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (copy < 0)
		error = -errno;
	if (!error)
		error = vdk_copy_file(*fd, copy);
	if (!error && fcntl(copy, F_ADD_SEALS,
	                    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		error = -errno;
	if (error)
		return vdk_report_set(report, error, object,
		                      "on a file system mounted noexec, and cannot be copied: %s",
		                      strerror(-error));
	close(*fd);
	*fd = vdk_steal_fd(&copy);
	return 0;
}
