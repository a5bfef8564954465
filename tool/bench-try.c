/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A first call of somebody's function, at a distance. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define PATIENCE_S 2
#define TRIES 3
#define PAGE ((size_t)4096)

typedef int64_t own_function(int64_t, int64_t, int64_t, int64_t, int64_t, int64_t);

void *bench_buffer(size_t size)
{
	const size_t rounded = (size + PAGE - 1) & ~(PAGE - 1);
	uint8_t *memory = mmap(NULL, rounded + PAGE, PROT_READ | PROT_WRITE,
	                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	if (mprotect(memory + rounded, PAGE, PROT_NONE)) {
		munmap(memory, rounded + PAGE);
		return NULL;
	}
	return memory;
}

static void call_apart(const struct bench_call *call, int fd)
{
	const struct rlimit none = {0, 0};
	own_function *const function = (own_function *)(uintptr_t)call->address;
	const int64_t *a = call->arguments;
	int64_t value = 0;

	setrlimit(RLIMIT_CORE, &none);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	alarm(PATIENCE_S);
	for (int i = 0; i < TRIES; i++)
		value = function(a[0], a[1], a[2], a[3], a[4], a[5]);
	_exit(write(fd, &value, sizeof(value)) == sizeof(value) ? 0 : 1);
}

bool bench_try(struct bench_call *call, char *why, size_t size)
{
	int pipes[2], status = 0;
	bool got = false;
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC)) {
		snprintf(why, size, "cannot try the call: %s", strerror(errno));
		return false;
	}
	child = fork();
	if (child == 0)
		call_apart(call, pipes[1]);
	close(pipes[1]);
	if (child > 0) {
		got = read(pipes[0], &call->value, sizeof(call->value)) == sizeof(call->value);
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(pipes[0]);
	if (got) {
		/* What returns an int leaves the upper half as it likes: take it for an errno. */
		if (call->value >= UINT32_MAX - 4094 && call->value <= UINT32_MAX)
			call->value = (int32_t)call->value;
		call->has_value = true;
		return true;
	}
	if (child < 0)
		snprintf(why, size, "cannot try the call: no process for it");
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		snprintf(why, size, "the call did not return within %d s", PATIENCE_S);
	else if (WIFSIGNALED(status))
		snprintf(why, size, "the call ended with signal %d (%s)", WTERMSIG(status),
		         strsignal(WTERMSIG(status)));
	else
		snprintf(why, size, "the call ended the process");
	return false;
}
