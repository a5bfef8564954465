/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Each property of each function is looked at in a child of its own: a function that crashes,
 * hangs, or damages what it should keep, costs one line of the result and nothing else.
 */
#include "verify.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch-verify.h"

/* Beyond what it was given: a busy machine, a slow one under emulation. */
#define PATIENCE INT64_C(30000000000)

static const struct verify *crash_verify;
static struct verify_result *crash_result;

static void on_crash(int signal, siginfo_t *info, void *context)
{
	char at[64];

	/* snprintf(3) is not async-signal-safe, but what was interrupted is not libc. */
	const uint64_t address = (uint64_t)(uintptr_t)info->si_addr;

	verify_place(crash_verify, verify_context_pc(context), at, sizeof(at));
	if (address >= verify_guard_start && address < verify_guard_end)
		verify_say(crash_result, VERIFY_FAIL, "at %s: used up a stack of %llu KiB", at,
		           (unsigned long long)verify_guard_size >> 10);
	else
		verify_say(crash_result, VERIFY_FAIL, "%s at %s, address %#llx",
		           verify_signal_name(signal), at, (unsigned long long)address);
	_exit(0);
}

/* On a stack of their own: the function may have used up the other one. */
static void catch_crashes(const struct verify *verify, struct verify_result *result)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS};
	struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	const stack_t stack = {.ss_sp = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
	                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	                       .ss_size = 65536};

	crash_verify = verify;
	crash_result = result;
	sigaltstack(&stack, NULL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}

static void child(const struct verify *verify, const struct verify_function *function,
                  const struct verify_property *property, int64_t ns, struct verify_result *result)
{
	const struct rlimit none = {0, 0};
	struct verify_result own = {.verdict = VERIFY_SKIP};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &none);
	setpgid(0, 0);
	catch_crashes(verify, result);
	property->check(verify, function, ns, &own);
	*result = own;
}

/* Wait, but not for ever. Return: false when it was killed for that. */
static bool wait_for(pid_t pid, int64_t until, int *ret_status)
{
	for (;;) {
		const pid_t ended = waitpid(pid, ret_status, WNOHANG);

		if (ended == pid)
			return true;
		if (verify_now() > until) {
			kill(-pid, SIGKILL);
			kill(pid, SIGKILL);
			waitpid(pid, ret_status, 0);
			return false;
		}
		usleep(1000);
	}
}

void verify_apart(const struct verify *verify, const struct verify_function *function,
                  const struct verify_property *property, int64_t ns,
                  struct verify_result *ret_result)
{
	struct verify_result *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	                                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	if (shared == MAP_FAILED) {
		verify_say(ret_result, VERIFY_SKIP, "no memory: %s", strerror(errno));
		return;
	}
	verify_say(shared, VERIFY_FAIL, "it ended the process");
	pid = fork();
	if (pid == 0) {
		child(verify, function, property, ns, shared);
		_exit(0);
	}
	if (pid < 0)
		verify_say(shared, VERIFY_SKIP, "no process: %s", strerror(errno));
	else if (!wait_for(pid, verify_now() + ns + PATIENCE, &status))
		verify_say(shared, VERIFY_FAIL, "it did not end: stopped after %lld s",
		           (long long)((ns + PATIENCE) / 1000000000));
	else if (WIFSIGNALED(status))
		verify_say(shared, VERIFY_FAIL, "it ended the process by %s",
		           verify_signal_name(WTERMSIG(status)));
	*ret_result = *shared;
	munmap(shared, sizeof(*shared));
}
