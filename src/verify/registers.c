/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * registers: what callers may rely on by the System V ABI comes back unchanged. Compilers see to
 * that, assembly and inline assembly may not; Go keeps its own state in such registers.
 */
#include "verify.h"

#include "arch-verify.h"

static bool kept(const struct vdk_reference *question, struct verify_result *result)
{
	for (int i = 0; i <= VERIFY_KEPT; i++)
		if (verify_after[i] != verify_expected[i]) {
			verify_say(result, VERIFY_FAIL, "%.100s: %s: expected %#llx, found %#llx",
			           question->question, verify_kept_names[i],
			           (unsigned long long)verify_expected[i],
			           (unsigned long long)verify_after[i]);
			return false;
		}
	if (verify_after[VERIFY_FLAGS] & VERIFY_DIRECTION) {
		verify_say(result, VERIFY_FAIL, "%.100s: the direction flag is left set",
		           question->question);
		return false;
	}
	if ((verify_mxcsr[0] ^ verify_mxcsr[1]) & VERIFY_MXCSR_CONTROL ||
	    verify_fpucw[0] != verify_fpucw[1]) {
		verify_say(result, VERIFY_FAIL, "%.100s: the rounding or exceptions of floating point "
		                                "are changed", question->question);
		return false;
	}
	return true;
}

static void check(const struct verify *verify, const struct verify_function *function, int64_t ns,
                  struct verify_result *result)
{
	char questions[64];

	if (!function->probe_count) {
		verify_say(result, VERIFY_SKIP, "no VDK_REFERENCE says how to call it");
		return;
	}
	for (int i = 0; i < VERIFY_KEPT; i++)
		verify_expected[i] = UINT64_C(0x5bad0c0de0000000) + (uint64_t)i;
	verify_target = function->address;
	for (size_t i = 0; i < function->probe_count; i++) {
		const struct vdk_reference *question = function->probes[i];

		question->ask(question, verify_keeping);
		if (!kept(question, result))
			return;
	}
	verify_say(result, VERIFY_OK, "%.100s: all that a function must keep",
	           verify_count(function->probe_count, "question", questions, sizeof(questions)));
}

const struct verify_property verify_registers = {
	"registers", "registers and modes that a function must keep are kept", false, verify_any,
	check};
