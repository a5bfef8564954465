/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TEST_RUN_REFUSE_H
#define VDK_TEST_RUN_REFUSE_H

/*
 * The library's calls come by here (ld's --wrap), in each process of a tree that did not execute another
 * program yet; one of them is refused. For one program's only source.
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>

enum call {
	NONE, ALLOCATE, CHDIR, FCNTL, FOPEN, FORK, FSTAT, IOCTL, MMAP, OPEN, PIPE2, POLL, PREAD, PTRACE,
	PWRITE, READ, READV, WRITEV, MEMORY, RECVMSG, SENDMSG, SIGNALFD, SIGPROCMASK, SOCKETPAIR, SYSCALL, WAITPID, WRITE
};

/* What is refused at present, in memory that all processes of a tree share. */
static struct {
	enum call call;
	unsigned long which; /* the request or number, of calls that are many in one */
	int error;
	atomic_long left;
	atomic_bool happened;
} *plan;

/* Here, and in what is forked from here; not in what is executed. */
static bool armed;

static bool refused(enum call call, unsigned long which)
{
	/* Both doors to a program's memory are shut, from some moment on. */
	if (armed && plan->call == MEMORY &&
	    (call == PWRITE || (call == PTRACE && which == PTRACE_POKEDATA))) {
		if (atomic_fetch_sub(&plan->left, 1) > 1)
			return false;
		plan->happened = true;
		errno = plan->error;
		return true;
	}
	if (!armed || plan->call != call || plan->which != which ||
	    atomic_fetch_sub(&plan->left, 1) != 1)
		return false;
	plan->happened = true;
	errno = plan->error;
	return true;
}

/* ---- The calls ----------------------------------------------------------------------------- */

/* Weak: a C library may have one of two names only, and then nothing calls the other. */
#define WRAP(type, name, parameters, arguments, call, which, failed)                               \
	type __real_##name parameters __attribute__((weak));                                       \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		return refused(call, which) ? failed : __real_##name arguments;                    \
	}

WRAP(void *, malloc, (size_t size), (size), ALLOCATE, 0, NULL)
WRAP(void *, calloc, (size_t count, size_t size), (count, size), ALLOCATE, 0, NULL)
WRAP(void *, realloc, (void *old, size_t size), (old, size), ALLOCATE, 0, NULL)
WRAP(void *, reallocarray, (void *old, size_t count, size_t size), (old, count, size), ALLOCATE, 0, NULL)
WRAP(int, chdir, (const char *path), (path), CHDIR, 0, -1)
WRAP(int, fcntl, (int fd, int command, long argument), (fd, command, argument), FCNTL, 0, -1)
WRAP(int, fcntl64, (int fd, int command, long argument), (fd, command, argument), FCNTL, 0, -1)
WRAP(FILE *, fopen, (const char *path, const char *mode), (path, mode), FOPEN, 0, NULL)
WRAP(FILE *, fopen64, (const char *path, const char *mode), (path, mode), FOPEN, 0, NULL)
WRAP(pid_t, fork, (void), (), FORK, 0, -1)
WRAP(int, fstat, (int fd, struct stat *status), (fd, status), FSTAT, 0, -1)
WRAP(int, fstat64, (int fd, struct stat *status), (fd, status), FSTAT, 0, -1)
WRAP(int, ioctl, (int fd, unsigned long request, void *argument), (fd, request, argument), IOCTL, request, -1)
WRAP(void *, mmap, (void *at, size_t size, int protection, int flags, int fd, off_t offset),
     (at, size, protection, flags, fd, offset), MMAP, 0, MAP_FAILED)
WRAP(void *, mmap64, (void *at, size_t size, int protection, int flags, int fd, off_t offset),
     (at, size, protection, flags, fd, offset), MMAP, 0, MAP_FAILED)
WRAP(int, open, (const char *path, int flags, mode_t mode), (path, flags, mode), OPEN, 0, -1)
WRAP(int, open64, (const char *path, int flags, mode_t mode), (path, flags, mode), OPEN, 0, -1)
WRAP(int, pipe2, (int ends[2], int flags), (ends, flags), PIPE2, 0, -1)
WRAP(int, poll, (struct pollfd *polled, nfds_t count, int timeout), (polled, count, timeout), POLL, 0, -1)
WRAP(ssize_t, pread, (int fd, void *bytes, size_t size, off_t offset), (fd, bytes, size, offset), PREAD, 0, -1)
WRAP(ssize_t, pread64, (int fd, void *bytes, size_t size, off_t offset), (fd, bytes, size, offset), PREAD, 0, -1)
WRAP(long, ptrace, (unsigned long request, pid_t pid, void *address, void *data), (request, pid, address, data),
     PTRACE, request, -1)
WRAP(ssize_t, pwrite, (int fd, const void *bytes, size_t size, off_t offset), (fd, bytes, size, offset),
     PWRITE, 0, -1)
WRAP(ssize_t, pwrite64, (int fd, const void *bytes, size_t size, off_t offset), (fd, bytes, size, offset),
     PWRITE, 0, -1)
WRAP(ssize_t, read, (int fd, void *bytes, size_t size), (fd, bytes, size), READ, 0, -1)
WRAP(ssize_t, process_vm_readv,
     (pid_t pid, const struct iovec *here, unsigned long here_count, const struct iovec *there,
      unsigned long there_count, unsigned long flags),
     (pid, here, here_count, there, there_count, flags), READV, 0, -1)
WRAP(ssize_t, process_vm_writev,
     (pid_t pid, const struct iovec *here, unsigned long here_count, const struct iovec *there,
      unsigned long there_count, unsigned long flags),
     (pid, here, here_count, there, there_count, flags), WRITEV, 0, -1)
WRAP(ssize_t, recvmsg, (int socket, struct msghdr *message, int flags), (socket, message, flags), RECVMSG, 0, -1)
WRAP(ssize_t, sendmsg, (int socket, const struct msghdr *message, int flags), (socket, message, flags),
     SENDMSG, 0, -1)
WRAP(int, signalfd, (int fd, const sigset_t *mask, int flags), (fd, mask, flags), SIGNALFD, 0, -1)
WRAP(int, sigprocmask, (int how, const sigset_t *mask, sigset_t *old), (how, mask, old), SIGPROCMASK, 0, -1)
WRAP(int, socketpair, (int domain, int type, int protocol, int ends[2]), (domain, type, protocol, ends),
     SOCKETPAIR, 0, -1)
WRAP(long, syscall, (long number, long a, long b, long c, long d, long e, long f),
     (number, a, b, c, d, e, f), SYSCALL, (unsigned long)number, -1)
/* One that does not wait is not interrupted. */
WRAP(pid_t, waitpid, (pid_t pid, int *status, int options), (pid, status, options),
     options & WNOHANG ? NONE : WAITPID, 0, -1)
WRAP(ssize_t, write, (int fd, const void *bytes, size_t size), (fd, bytes, size), WRITE, 0, -1)

#ifdef COUNTED /* make coverage: what writes the counts before an exec or an end calls all of these */
void __real___gcov_dump(void);
void __wrap___gcov_dump(void);
void __wrap___gcov_dump(void)
{
	armed = false;
	__real___gcov_dump();
}

int __real___gcov_execve(const char *path, char *const argv[], char *const environment[]);
int __wrap___gcov_execve(const char *path, char *const argv[], char *const environment[]);
int __wrap___gcov_execve(const char *path, char *const argv[], char *const environment[])
{
	const bool before = armed;

	armed = false;
	__real___gcov_execve(path, argv, environment);
	armed = before;
	return -1;
}
#endif

#endif
