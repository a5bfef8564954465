/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Unwind information. Profilers take samples inside the image, debuggers stop there, and C++
 * exceptions thrown from a signal handler pass through: at every instruction the way back to the
 * caller must be known, and be right.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>

#include "code.h"
#include "eh.h"

/* What libdw may cost: instructions to compare, times bytes of unwind programs. */
#define COMPARE_MAX (64ull << 20)

static void present(struct check *check, const struct rule *rule)
{
	struct eh eh;

	eh_read(check, &eh);
	problem_report(check, rule, &eh.problem);
	eh_free(&eh);
}

static bool covered(const struct eh *eh, uint64_t start, uint64_t size)
{
	uint64_t at = start;

	/* Entries stand in the order of their addresses and may follow one another. */
	for (uint32_t i = 0; i < eh->count; i++) {
		if (eh->fdes[i].start <= at && at - eh->fdes[i].start < eh->fdes[i].size)
			at = eh->fdes[i].start + eh->fdes[i].size;
	}
	return at > start && at - start >= size;
}

static void covers(struct check *check, const struct rule *rule)
{
	struct eh eh;

	eh_read(check, &eh);
	for (uint32_t i = 0; i < check->code->function_count && !eh.problem.there; i++) {
		const struct function *function = &check->code->functions[i];

		if (!covered(&eh, function->offset, function->size))
			find(check, rule, file_offset(check, function->offset),
			     "all of it described", "not all of it",
			     "function %s has no unwind information",
			     quoted(*function->name ? function->name : "without a name").s);
	}
	eh_free(&eh);
}

/* ---- Against what following saw ------------------------------------------------------------- */

/* DWARF numbers of rbp and rsp: System V ABI, AMD64 supplement. */
enum { DWARF_RBP = 6, DWARF_RSP = 7 };

/* The canonical frame address as register and offset; false: a form that cannot be compared. */
static bool cfa_read(Dwarf_Frame *frame, unsigned *ret_reg, int64_t *ret_offset)
{
	Dwarf_Op *ops;
	size_t count;

	if (dwarf_frame_cfa(frame, &ops, &count) != 0 || count != 1)
		return false;
	if (ops[0].atom == DW_OP_bregx) {
		*ret_reg = (unsigned)ops[0].number;
		*ret_offset = (int64_t)ops[0].number2;
	} else if (ops[0].atom >= DW_OP_breg0 && ops[0].atom <= DW_OP_breg31) {
		*ret_reg = ops[0].atom - DW_OP_breg0;
		*ret_offset = (int64_t)ops[0].number;
	} else {
		return false;
	}
	return *ret_reg == DWARF_RSP || *ret_reg == DWARF_RBP;
}

static void compare(struct check *check, const struct rule *rule, const struct insn *insn,
                    Dwarf_Frame *frame)
{
	int64_t offset, expected;
	unsigned reg;

	if (!cfa_read(frame, &reg, &offset))
		return;
	if (reg == DWARF_RSP && insn->exact)
		expected = (int64_t)insn->depth + 8;
	else if (reg == DWARF_RBP && insn->frame != NO_FRAME)
		expected = (int64_t)insn->frame + 8;
	else
		return;
	if (offset != expected)
		find(check, rule, file_offset(check, insn->offset),
		     text("caller's frame at %s+%lld", reg == DWARF_RSP ? "rsp" : "rbp",
		          (long long)expected).s,
		     text("+%lld", (long long)offset).s,
		     "unwinding from this instruction leads astray");
}

static void depth(struct check *check, const struct rule *rule)
{
	const struct code *code = check->code;
	uint64_t cost = 0; /* of a look-up for each instruction, in bytes that it reads */
	Dwarf_CFI *cfi;
	struct eh eh;

	eh_read(check, &eh);
	for (uint32_t i = 0; i < eh.count; i++)
		cost = eh.fdes[i].cost > cost ? eh.fdes[i].cost : cost;
	cost *= code->insn_count;
	eh_free(&eh);
	if (eh.problem.there)
		return; /* rule eh.present */
	if (cost > COMPARE_MAX) {
		find(check, rule, VDK_CHECK_NO_OFFSET, "an image of some pages", "a larger one",
		     "the unwind information is too much to be compared");
		return;
	}
	cfi = dwarf_getcfi_elf(check->elf);
	for (uint32_t i = 0; cfi && i < code->insn_count; i++) {
		const struct insn *insn = &code->insns[i];
		Dwarf_Frame *frame = NULL;

		if (!insn->followed ||
		    dwarf_cfi_addrframe(cfi, insn->offset + check->load->p_vaddr, &frame) != 0)
			continue;
		compare(check, rule, insn, frame);
		free(frame);
	}
	dwarf_cfi_end(cfi);
}

const struct rule rules_unwind[] = {
	{ { "eh.present", "PT_GNU_EH_FRAME with a sorted search table",
	    "Linux vDSO Makefile: --eh-frame-hdr, -fasynchronous-unwind-tables", ERROR, ERROR },
	  PART_LOAD, present },
	{ { "eh.covers", "Unwind information covers every function",
	    "profilers and debuggers stop at any instruction", ERROR, NOTE }, PART_CODE, covers },
	{ { "eh.depth", "Unwind information agrees with the code at every instruction",
	    "profilers and debuggers; libunwind PR #658", ERROR, NOTE },
	  PART_CODE | PART_SECTIONS, depth },
	{ { NULL } },
};
