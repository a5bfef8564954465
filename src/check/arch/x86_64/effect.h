/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_CHECK_X86_64_EFFECT_H
#define VDK_CHECK_X86_64_EFFECT_H

#include <capstone/capstone.h>

#include "../../code.h"

/* General registers by their number in instructions. */
enum {
	RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15,
	REG_COUNT
};

/* rbx, rbp, r12 to r15: System V ABI, AMD64 supplement, "Registers and the stack frame". */
#define CALLEE_SAVED (1 << RBX | 1 << RBP | 1 << R12 | 1 << R13 | 1 << R14 | 1 << R15)

/* Where the instruction leads: kind and target. */
void effect_kind(const struct check *check, const cs_insn *cs, struct insn *insn);

/* What it does to the stack and to registers. */
void effect_stack(const struct check *check, csh handle, const cs_insn *cs, struct insn *insn);

#endif
