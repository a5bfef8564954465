/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_CHECK_X86_64_CLASSIFY_H
#define VDK_CHECK_X86_64_CLASSIFY_H

#include <capstone/capstone.h>

#include "../../code.h"

/*
 * Which rules one instruction breaks by itself: bits of enum bad. Sets @insn->target to the
 * address of a memory operand that is at fault.
 */
uint16_t classify(const struct check *check, const cs_insn *cs, struct insn *insn);

#endif
