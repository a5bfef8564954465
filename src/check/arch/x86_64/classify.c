/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an instruction must not be. An image runs on whatever thread calls it: under Go that is a
 * thread with another %fs, a zero register that the caller relies on (xmm15), and a small stack.
 */
#include "classify.h"

#include <stddef.h>

static bool in_group(const cs_insn *cs, const uint8_t *groups, size_t count)
{
	for (uint8_t i = 0; i < cs->detail->groups_count; i++) {
		for (size_t j = 0; j < count; j++) {
			if (cs->detail->groups[i] == groups[j])
				return true;
		}
	}
	return false;
}

static bool is_one_of(const cs_insn *cs, const uint16_t *ids, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (cs->id == ids[i])
			return true;
	}
	return false;
}

#define IN_GROUP(cs, groups) in_group(cs, groups, sizeof(groups) / sizeof(groups[0]))
#define IS_ONE_OF(cs, ids) is_one_of(cs, ids, sizeof(ids) / sizeof(ids[0]))

static bool is_segment_register(unsigned reg)
{
	return reg == X86_REG_FS || reg == X86_REG_GS || reg == X86_REG_DS || reg == X86_REG_ES ||
	       reg == X86_REG_SS;
}

/* Explicit operands, and the prefixes of instructions whose operands do not show them. */
static bool uses_segment(const cs_insn *cs)
{
	static const uint8_t groups[] = { X86_GRP_FSGSBASE };
	const cs_x86 *x86 = &cs->detail->x86;

	if (IN_GROUP(cs, groups) || x86->prefix[1] == X86_PREFIX_FS ||
	    x86->prefix[1] == X86_PREFIX_GS)
		return true;
	for (uint8_t i = 0; i < x86->op_count; i++) {
		const cs_x86_op *op = &x86->operands[i];

		if (op->type == X86_OP_REG && is_segment_register(op->reg))
			return true;
	}
	return false;
}

/* Capstone counts reading the clock as privileged, since CR4.TSD may make it so. */
static bool is_privileged(const cs_insn *cs)
{
	static const uint8_t groups[] = { X86_GRP_PRIVILEGE, X86_GRP_VM };
	static const uint16_t harmless[] = { X86_INS_RDTSC, X86_INS_RDTSCP };
	static const uint16_t others[] = { X86_INS_IN,    X86_INS_INSB,  X86_INS_INSD,
		                           X86_INS_INSW,  X86_INS_OUT,   X86_INS_OUTSB,
		                           X86_INS_OUTSD, X86_INS_OUTSW, X86_INS_CLI,
		                           X86_INS_STI,   X86_INS_XSETBV, X86_INS_RDPMC };

	if (IS_ONE_OF(cs, harmless))
		return false;
	return IS_ONE_OF(cs, others) || IN_GROUP(cs, groups);
}

static bool is_trap(const cs_insn *cs)
{
	static const uint16_t ids[] = { X86_INS_INT,   X86_INS_INT1,    X86_INS_INTO,
		                        X86_INS_IRET,  X86_INS_IRETD,   X86_INS_IRETQ,
		                        X86_INS_RETF,  X86_INS_RETFQ,   X86_INS_LCALL,
		                        X86_INS_LJMP,  X86_INS_SYSENTER, X86_INS_SYSEXIT,
		                        X86_INS_SYSRET, X86_INS_UD0,    X86_INS_BOUND };

	return IS_ONE_OF(cs, ids);
}

static bool changes_state(const cs_insn *cs)
{
	static const uint16_t ids[] = { X86_INS_LDMXCSR,  X86_INS_VLDMXCSR, X86_INS_FXRSTOR,
		                        X86_INS_FXRSTOR64, X86_INS_XRSTOR,  X86_INS_XRSTOR64,
		                        X86_INS_POPF,     X86_INS_POPFD,    X86_INS_POPFQ };

	return IS_ONE_OF(cs, ids);
}

static bool is_vector_register(unsigned reg)
{
	return (reg >= X86_REG_YMM0 && reg <= X86_REG_YMM31) ||
	       (reg >= X86_REG_ZMM0 && reg <= X86_REG_ZMM31) ||
	       (reg >= X86_REG_XMM16 && reg <= X86_REG_XMM31) ||
	       (reg >= X86_REG_MM0 && reg <= X86_REG_MM7) ||
	       (reg >= X86_REG_ST0 && reg <= X86_REG_ST7) ||
	       (reg >= X86_REG_FP0 && reg <= X86_REG_FP7) ||
	       (reg >= X86_REG_K0 && reg <= X86_REG_K7);
}

static bool is_vector(const cs_insn *cs)
{
	static const uint8_t groups[] = { X86_GRP_AVX,  X86_GRP_AVX2,     X86_GRP_AVX512,
		                          X86_GRP_FMA,  X86_GRP_FMA4,     X86_GRP_XOP,
		                          X86_GRP_F16C, X86_GRP_3DNOW,    X86_GRP_MMX,
		                          X86_GRP_FPU,  X86_GRP_VLX,      X86_GRP_BWI,
		                          X86_GRP_DQI,  X86_GRP_CDI,      X86_GRP_ERI,
		                          X86_GRP_PFI };
	static const uint16_t saves[] = { X86_INS_FXSAVE, X86_INS_FXSAVE64, X86_INS_XSAVE,
		                          X86_INS_XSAVE64, X86_INS_XSAVEOPT, X86_INS_XSAVEC };
	const cs_x86 *x86 = &cs->detail->x86;

	for (uint8_t i = 0; i < x86->op_count; i++) {
		if (x86->operands[i].type == X86_OP_REG &&
		    is_vector_register(x86->operands[i].reg))
			return true;
	}
	return IN_GROUP(cs, groups) || IS_ONE_OF(cs, saves);
}

/* Not in every x86-64 CPU: AMD64 ABI supplement, micro-architecture level 1. */
static bool above_baseline(const cs_insn *cs)
{
	static const uint8_t groups[] = { X86_GRP_SSE3,  X86_GRP_SSSE3, X86_GRP_SSE41,
		                          X86_GRP_SSE42, X86_GRP_SSE4A, X86_GRP_BMI,
		                          X86_GRP_BMI2,  X86_GRP_ADX,   X86_GRP_AES,
		                          X86_GRP_SHA,   X86_GRP_PCLMUL, X86_GRP_TBM,
		                          X86_GRP_RTM,   X86_GRP_HLE };
	static const uint16_t ids[] = { X86_INS_POPCNT, X86_INS_MOVBE, X86_INS_RDRAND };

	return IN_GROUP(cs, groups) || IS_ONE_OF(cs, ids);
}

static bool uses_xmm15(const cs_insn *cs)
{
	const cs_x86 *x86 = &cs->detail->x86;

	for (uint8_t i = 0; i < x86->op_count; i++) {
		if (x86->operands[i].type == X86_OP_REG && x86->operands[i].reg == X86_REG_XMM15)
			return true;
	}
	return false;
}

/* `or $0, (%rsp)`: what -fstack-clash-protection touches each page of a frame with. */
static bool is_probe(const cs_insn *cs)
{
	const cs_x86_op *op = cs->detail->x86.operands;

	return cs->id == X86_INS_OR && cs->detail->x86.op_count == 2 &&
	       op[0].type == X86_OP_MEM && op[0].mem.base == X86_REG_RSP &&
	       op[1].type == X86_OP_IMM && op[1].imm == 0;
}

static bool does_not_access(const cs_insn *cs)
{
	return cs->id == X86_INS_LEA || cs->id == X86_INS_NOP;
}

/* Capstone 4 has `test` with a constant write its operand. Linux 6.1's image has such a one. */
static bool writes(const cs_insn *cs, const cs_x86_op *op)
{
	return (op->access & CS_AC_WRITE) && !does_not_access(cs) && cs->id != X86_INS_TEST;
}

static uint16_t memory(const struct check *check, const cs_insn *cs, const cs_x86_op *op,
                       struct insn *insn)
{
	const bool plain = op->mem.segment == X86_REG_INVALID;
	uint16_t bad = 0;
	int64_t address;

	if (op->mem.base == X86_REG_INVALID && plain && !does_not_access(cs)) {
		insn->target = op->mem.disp;
		return BAD_REACH;
	}
	if (op->mem.base != X86_REG_RIP && op->mem.base != X86_REG_EIP)
		return 0;
	address = (int64_t)(cs->address + cs->size) + op->mem.disp;
	if (writes(cs, op))
		bad |= BAD_WRITE;
	if (address < -(int64_t)reach_before(check) || address > (int64_t)mapped_size(check))
		bad |= BAD_REACH;
	if (bad)
		insn->target = address;
	return bad;
}

uint16_t classify(const struct check *check, const cs_insn *cs, struct insn *insn)
{
	const cs_x86 *x86 = &cs->detail->x86;
	const bool segment = uses_segment(cs);
	uint16_t bad = 0;

	bad |= segment ? BAD_SEGMENT : 0;
	bad |= !segment && is_privileged(cs) ? BAD_PRIVILEGED : 0;
	bad |= is_trap(cs) ? BAD_TRAP : 0;
	bad |= changes_state(cs) ? BAD_STATE : 0;
	bad |= is_vector(cs) ? BAD_VECTOR : 0;
	bad |= uses_xmm15(cs) ? BAD_XMM15 : 0;
	bad |= is_probe(cs) ? BAD_PROBE : 0;
	bad |= !(bad & BAD_VECTOR) && above_baseline(cs) ? BAD_BASELINE : 0;
	for (uint8_t i = 0; i < x86->op_count; i++) {
		if (x86->operands[i].type == X86_OP_MEM)
			bad |= memory(check, cs, &x86->operands[i], insn);
	}
	return bad;
}
