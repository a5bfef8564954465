/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * namespace: in a time namespace CLOCK_MONOTONIC and CLOCK_BOOTTIME count from somewhere else. A
 * process there must be told the namespace's time by its vDSO, as by the system call. A new
 * process is started in one, with the same vDSO, and verifies values there.
 */
#include "verify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

/* linux/sched.h; glibc 2.36 does not have it everywhere. */
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

#define DAYS_MONOTONIC 1
#define DAYS_BOOTTIME 3
#define DAY 86400
#define ARGUMENTS_MAX 32
#define NOT_SHIFTED 99

/* This process stays where it is; its children will be in the namespace. */
static int make_namespace(void)
{
	char offsets[96];
	const int length = snprintf(offsets, sizeof(offsets), "monotonic %d 0\nboottime %d 0\n",
	                            DAYS_MONOTONIC * DAY, DAYS_BOOTTIME * DAY);
	vdk_cleanup_close int fd = -1;

	if (unshare(CLONE_NEWTIME))
		return -errno;
	fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return write(fd, offsets, (size_t)length) == length ? 0 : -errno;
}

static void child(const struct verify *verify, const char *function, int64_t ns, int64_t outside,
                  int output)
{
	const char *argv[ARGUMENTS_MAX + 8];
	char seconds[32];
	size_t count = 0;

	if (verify_now() - outside < DAYS_MONOTONIC * DAY * INT64_C(1000000000))
		_exit(NOT_SHIFTED);
	snprintf(seconds, sizeof(seconds), "%.3f", (double)ns / 1e9);
	while (count < ARGUMENTS_MAX && verify->again[count]) {
		argv[count] = verify->again[count];
		count++;
	}
	argv[count++] = "--property";
	argv[count++] = "values";
	argv[count++] = "--seconds";
	argv[count++] = seconds;
	argv[count++] = "--";
	argv[count++] = function;
	argv[count] = NULL;
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	/* What crashed here would be told as a crash of the function. */
	signal(SIGSEGV, SIG_DFL);
	execv(argv[0], (char *const *)argv);
	_exit(NOT_SHIFTED - 1);
}

/* What it printed, cut to fit; -1: it did not end in time. */
static int read_all(int fd, int64_t until, char *text, size_t size)
{
	size_t length = 0;

	for (;;) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		char scrap[256];
		const size_t room = size - 1 - length;
		ssize_t got;

		if (verify_now() > until)
			return -1;
		if (poll(&poll_fd, 1, 100) <= 0)
			continue;
		got = read(fd, room ? text + length : scrap, room ? room : sizeof(scrap));
		if (got <= 0)
			break;
		length += room ? (size_t)got : 0;
	}
	text[length] = '\0';
	return 0;
}

static void judge(int status, char *output, struct verify_result *result)
{
	char *fail = strstr(output, " FAIL ");

	output[strcspn(output, "\n")] = '\0';
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		verify_say(result, VERIFY_OK, "values hold %d and %d days ahead in one",
		           DAYS_MONOTONIC, DAYS_BOOTTIME);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_SHIFTED)
		verify_say(result, VERIFY_SKIP, "this kernel's time namespaces shift no clock");
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 1 && fail)
		verify_say(result, VERIFY_FAIL, "in a time namespace: %.400s",
		           fail + 6 + strspn(fail + 6, " "));
	else
		verify_say(result, VERIFY_SKIP, "nothing can be started in one: %.400s", output);
}

static void check(const struct verify *verify, const struct verify_function *function, int64_t ns,
                  struct verify_result *result)
{
	const int64_t outside = verify_now();
	vdk_cleanup_close int from = -1;
	char output[2048];
	int error, pipes[2], status = 0;
	pid_t pid;

	if (!verify->again) {
		verify_say(result, VERIFY_SKIP, "this vDSO cannot be attached again from here; "
		                                "name it by --vdso");
		return;
	}
	error = make_namespace();
	if (error) {
		verify_say(result, VERIFY_SKIP, "cannot make a time namespace: %s%s",
		           strerror(-error), error == -EPERM ? " (needs root)" : "");
		return;
	}
	if (pipe2(pipes, O_CLOEXEC)) {
		verify_say(result, VERIFY_SKIP, "no pipe: %s", strerror(errno));
		return;
	}
	from = pipes[0];
	pid = fork();
	if (pid == 0)
		child(verify, function->name, ns, outside, pipes[1]);
	close(pipes[1]);
	if (pid < 0 || read_all(from, verify_now() + ns + INT64_C(20000000000), output,
	                        sizeof(output))) {
		verify_say(result, VERIFY_SKIP, "what was started in one did not end");
		return;
	}
	waitpid(pid, &status, 0);
	judge(status, output, result);
}

static bool applies(const struct verify_function *function)
{
	return function->standard == VERIFY_CLOCK_GETTIME ||
	       (!function->standard && function->question_count > 0);
}

const struct verify_property verify_namespace = {
	"namespace", "values in a time namespace", true, applies, check};
