/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stack: how many bytes of its caller's stack a function uses, measured: it runs on a painted
 * stack that ends at memory which nobody may touch, and afterwards the lowest byte that lost its
 * paint is looked for. `vdk check` computes a bound from the code; here is what a call really
 * took, with what it called in the kernel's vDSO.
 */
#include "verify.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE (256u << 10)
#define GUARD (64u << 10)
#define ABOVE 64 /* words that verify_on_stack() copies, which belong to the caller */

/* The function's bytes lie below this. */
static uint8_t *below_arguments(uint8_t *top)
{
	return top - ABOVE;
}

static uint64_t depth(uint8_t *low, uint8_t *top, uint8_t paint)
{
	uint8_t *at = low;

	while (at < below_arguments(top) && *at == paint)
		at++;
	return (uint64_t)(below_arguments(top) - at);
}

/*
 * With two paints: a byte that the function happens to write in one colour has the other next
 * time.
 */
static uint64_t measure(const struct verify_function *function,
                        const struct vdk_reference *question, uint8_t *low)
{
	static const uint8_t paints[] = {0xa5, 0x5a};
	uint8_t *const top = low + SIZE;
	uint64_t deepest = 0;

	verify_target = function->address;
	verify_stack_top = top;
	for (size_t i = 0; i < sizeof(paints); i++) {
		uint64_t used;

		memset(low, paints[i], SIZE);
		question->ask(question, verify_on_stack);
		used = depth(low, top, paints[i]);
		deepest = used > deepest ? used : deepest;
	}
	return deepest;
}

/*
 * Callers align the stack to 16 bytes at a call: the ABI has it so, and a function may rely on it.
 * Linux compiles its vDSO for 8, and hand-written callers have counted on that, so it is worth a
 * word when a function does not stand it; it is no flaw. In a child, since that may die of it.
 */
static bool stands_8(const struct verify_function *function, uint8_t *low)
{
	const pid_t pid = fork();
	int status = 0;

	if (pid < 0)
		return true;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGSEGV, SIG_DFL);
		verify_target = function->address;
		verify_stack_top = low + SIZE - 8;
		for (size_t i = 0; i < function->probe_count; i++)
			function->probes[i]->ask(function->probes[i], verify_on_stack);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status);
}

static void check(const struct verify *verify, const struct verify_function *function, int64_t ns,
                  struct verify_result *result)
{
	uint8_t *memory = mmap(NULL, GUARD + SIZE + GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	                       0);
	uint8_t *const low = memory + GUARD;
	const struct vdk_reference *worst;
	uint64_t deepest = 0;

	if (!function->probe_count) {
		verify_say(result, VERIFY_SKIP, "no VDK_REFERENCE says how to call it");
		return;
	}
	if (memory == MAP_FAILED || mprotect(low, SIZE, PROT_READ | PROT_WRITE)) {
		verify_say(result, VERIFY_SKIP, "no memory: %s", strerror(errno));
		return;
	}
	verify_guard_start = (uint64_t)(uintptr_t)memory;
	verify_guard_end = (uint64_t)(uintptr_t)low;
	verify_guard_size = SIZE;
	worst = function->probes[0];
	for (size_t i = 0; i < function->probe_count; i++) {
		const uint64_t used = measure(function, function->probes[i], low);

		if (used >= deepest) {
			deepest = used;
			worst = function->probes[i];
		}
	}
	if (deepest > verify->stack_limit)
		verify_say(result, VERIFY_FAIL, "%.100s: %llu bytes, expected at most %u",
		           worst->question, (unsigned long long)deepest, verify->stack_limit);
	else
		verify_say(result, VERIFY_OK, "at most %llu bytes, the return address included%s",
		           (unsigned long long)deepest,
		           stands_8(function, low) ? "" : "; aligned to 16 only");
}

const struct verify_property verify_stack = {
	"stack", "a call takes few bytes of its caller's stack", false, verify_any, check};
