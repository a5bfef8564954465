/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An instruction's effect on the flow, the stack and the registers, reduced to the forms that
 * compilers emit. What has no form here and writes the stack pointer is EFFECT_LOST: a function
 * that does so cannot be proved to stay within bounds, so it is not meant to be in an image.
 */
#include "effect.h"

static const struct {
	uint16_t cs[4]; /* the register in its four widths */
} registers[REG_COUNT] = {
	[RAX] = { { X86_REG_RAX, X86_REG_EAX, X86_REG_AX, X86_REG_AL } },
	[RCX] = { { X86_REG_RCX, X86_REG_ECX, X86_REG_CX, X86_REG_CL } },
	[RDX] = { { X86_REG_RDX, X86_REG_EDX, X86_REG_DX, X86_REG_DL } },
	[RBX] = { { X86_REG_RBX, X86_REG_EBX, X86_REG_BX, X86_REG_BL } },
	[RSP] = { { X86_REG_RSP, X86_REG_ESP, X86_REG_SP, X86_REG_SPL } },
	[RBP] = { { X86_REG_RBP, X86_REG_EBP, X86_REG_BP, X86_REG_BPL } },
	[RSI] = { { X86_REG_RSI, X86_REG_ESI, X86_REG_SI, X86_REG_SIL } },
	[RDI] = { { X86_REG_RDI, X86_REG_EDI, X86_REG_DI, X86_REG_DIL } },
	[R8] = { { X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B } },
	[R9] = { { X86_REG_R9, X86_REG_R9D, X86_REG_R9W, X86_REG_R9B } },
	[R10] = { { X86_REG_R10, X86_REG_R10D, X86_REG_R10W, X86_REG_R10B } },
	[R11] = { { X86_REG_R11, X86_REG_R11D, X86_REG_R11W, X86_REG_R11B } },
	[R12] = { { X86_REG_R12, X86_REG_R12D, X86_REG_R12W, X86_REG_R12B } },
	[R13] = { { X86_REG_R13, X86_REG_R13D, X86_REG_R13W, X86_REG_R13B } },
	[R14] = { { X86_REG_R14, X86_REG_R14D, X86_REG_R14W, X86_REG_R14B } },
	[R15] = { { X86_REG_R15, X86_REG_R15D, X86_REG_R15W, X86_REG_R15B } },
};

static uint8_t number_of(unsigned cs)
{
	for (unsigned int i = 0; i < REG_COUNT; i++) {
		for (int width = 0; width < 4; width++) {
			if (registers[i].cs[width] == cs)
				return (uint8_t)i;
		}
	}
	if (cs == X86_REG_BH)
		return RBX;
	return NO_REG; /* ah, ch, dh: halves of registers that nobody saves */
}

/* Does the operand lie in the process page's array of chain addresses? */
static bool is_chain_slot(const struct check *check, const cs_insn *cs, const cs_x86_op *op)
{
	const int64_t slots = -(int64_t)reach_before(check);
	const int64_t address = (int64_t)(cs->address + cs->size) + op->mem.disp;

	return check->profile != VDK_CHECK_KERNEL && op->type == X86_OP_MEM &&
	       op->mem.base == X86_REG_RIP && op->mem.segment == X86_REG_INVALID &&
	       address >= slots && address < slots + 8 * VDK_CHAIN_COUNT &&
	       (address - slots) % 8 == 0;
}

static bool has_group(const cs_insn *cs, uint8_t group)
{
	for (uint8_t i = 0; i < cs->detail->groups_count; i++) {
		if (cs->detail->groups[i] == group)
			return true;
	}
	return false;
}

static void jump_kind(const struct check *check, const cs_insn *cs, bool call, struct insn *insn)
{
	const cs_x86_op *op = cs->detail->x86.operands;

	if (op->type == X86_OP_IMM) {
		insn->target = op->imm;
		insn->kind = call                        ? INSN_CALL
		             : cs->id == X86_INS_JMP ? INSN_JUMP
		                                     : INSN_BRANCH;
	} else if (is_chain_slot(check, cs, op)) {
		insn->kind = call ? INSN_CALL_CHAIN : INSN_JUMP_CHAIN;
	} else if (op->type == X86_OP_REG) {
		insn->kind = call ? INSN_CALL_REGISTER : INSN_JUMP_REGISTER;
		insn->reg = number_of(op->reg);
	} else {
		insn->kind = call ? INSN_CALL_OTHER : INSN_JUMP_OTHER;
	}
}

void effect_kind(const struct check *check, const cs_insn *cs, struct insn *insn)
{
	switch (cs->id) {
	case X86_INS_RET:
		insn->kind = INSN_RETURN;
		return;
	case X86_INS_UD2:
	case X86_INS_INT3:
	case X86_INS_HLT:
		insn->kind = INSN_STOP;
		return;
	case X86_INS_LCALL:
	case X86_INS_LJMP:
	case X86_INS_RETF:
	case X86_INS_RETFQ:
	case X86_INS_IRET:
	case X86_INS_IRETD:
	case X86_INS_IRETQ:
	case X86_INS_SYSEXIT:
	case X86_INS_SYSRET:
		insn->kind = INSN_STOP; /* rule insn.trap */
		return;
	case X86_INS_LOOP:
	case X86_INS_LOOPE:
	case X86_INS_LOOPNE:
		jump_kind(check, cs, false, insn);
		return;
	default:
		if (cs->detail->x86.op_count == 1 && has_group(cs, X86_GRP_CALL))
			jump_kind(check, cs, true, insn);
		else if (cs->detail->x86.op_count == 1 && has_group(cs, X86_GRP_JUMP))
			jump_kind(check, cs, false, insn);
	}
}

static bool is_reg(const cs_x86_op *op, unsigned reg)
{
	return op->type == X86_OP_REG && op->reg == reg;
}

/* Memory at a fixed place under the stack or the frame pointer. */
static bool is_slot(const cs_x86_op *op)
{
	return op->type == X86_OP_MEM && op->mem.index == X86_REG_INVALID && op->size == 8 &&
	       (op->mem.base == X86_REG_RSP || op->mem.base == X86_REG_RBP) &&
	       op->mem.disp >= INT32_MIN && op->mem.disp <= INT32_MAX;
}

static bool is_wide(const cs_x86_op *op)
{
	return op->type == X86_OP_REG && op->size == 8 && number_of(op->reg) != NO_REG;
}

static void set(struct insn *insn, enum effect effect, uint8_t reg, uint8_t base, int64_t number)
{
	insn->effect = effect;
	insn->reg = reg;
	insn->base = base;
	insn->number = (int32_t)number;
}

static void move_effect(const struct check *check, const cs_insn *cs, struct insn *insn)
{
	const cs_x86_op *to = &cs->detail->x86.operands[0], *from = to + 1;

	if (is_reg(to, X86_REG_RBP) && is_reg(from, X86_REG_RSP))
		set(insn, EFFECT_FRAME, RBP, RSP, 0);
	else if (is_reg(to, X86_REG_RSP) && is_reg(from, X86_REG_RBP))
		set(insn, EFFECT_UNFRAME, RSP, RBP, 0);
	else if (is_wide(to) && is_chain_slot(check, cs, from))
		set(insn, EFFECT_CHAIN, number_of(to->reg), NO_REG, 0);
	else if (is_wide(to) && is_wide(from))
		set(insn, EFFECT_MOVE, number_of(to->reg), number_of(from->reg), 0);
	else if (is_slot(to) && is_wide(from))
		set(insn, EFFECT_STORE, number_of(from->reg), number_of(to->mem.base),
		    to->mem.disp);
	else if (is_wide(to) && is_slot(from))
		set(insn, EFFECT_LOAD, number_of(to->reg), number_of(from->mem.base),
		    from->mem.disp);
}

static void lea_effect(const cs_insn *cs, struct insn *insn)
{
	const cs_x86_op *to = &cs->detail->x86.operands[0], *from = to + 1;

	if (from->mem.index != X86_REG_INVALID)
		return;
	if (is_reg(to, X86_REG_RSP) && from->mem.base == X86_REG_RSP)
		set(insn, EFFECT_ADD, RSP, NO_REG, from->mem.disp);
	else if (is_reg(to, X86_REG_RSP) && from->mem.base == X86_REG_RBP)
		set(insn, EFFECT_UNFRAME, RSP, RBP, from->mem.disp);
	else if (is_reg(to, X86_REG_RBP) && from->mem.base == X86_REG_RSP)
		set(insn, EFFECT_FRAME, RBP, RSP, from->mem.disp);
}

/* add, sub and and on the stack pointer with a constant. */
static void arithmetic_effect(const cs_insn *cs, struct insn *insn)
{
	const cs_x86_op *to = &cs->detail->x86.operands[0], *by = to + 1;

	if (!is_reg(to, X86_REG_RSP) || by->type != X86_OP_IMM)
		return;
	if (by->imm < -(64 << 20) || by->imm > 64 << 20)
		return;
	if (cs->id == X86_INS_ADD)
		set(insn, EFFECT_ADD, RSP, NO_REG, by->imm);
	else if (cs->id == X86_INS_SUB)
		set(insn, EFFECT_ADD, RSP, NO_REG, -by->imm);
	else if (by->imm < 0 && (-by->imm & (-by->imm - 1)) == 0)
		set(insn, EFFECT_ALIGN, RSP, NO_REG, -by->imm);
}

static void known_effect(const struct check *check, const cs_insn *cs, struct insn *insn)
{
	const cs_x86 *x86 = &cs->detail->x86;
	const uint8_t reg = x86->op_count && x86->operands[0].type == X86_OP_REG
	                            ? number_of(x86->operands[0].reg)
	                            : NO_REG;

	switch (cs->id) {
	case X86_INS_PUSH:
		if (x86->operands[0].size != 2)
			set(insn, EFFECT_PUSH, reg, NO_REG, 0);
		break;
	case X86_INS_PUSHFQ:
		set(insn, EFFECT_PUSH, NO_REG, NO_REG, 0);
		break;
	case X86_INS_POP:
		if (x86->operands[0].size != 2)
			set(insn, EFFECT_POP, reg, NO_REG, 0);
		break;
	case X86_INS_POPFQ:
		set(insn, EFFECT_POP, NO_REG, NO_REG, 0);
		break;
	case X86_INS_LEAVE:
		set(insn, EFFECT_LEAVE, RBP, NO_REG, 0);
		break;
	case X86_INS_MOV:
		move_effect(check, cs, insn);
		break;
	case X86_INS_LEA:
		lea_effect(cs, insn);
		break;
	case X86_INS_ADD:
	case X86_INS_SUB:
	case X86_INS_AND:
		arithmetic_effect(cs, insn);
		break;
	case X86_INS_STD:
		set(insn, EFFECT_DIRECTION_ON, NO_REG, NO_REG, 0);
		break;
	case X86_INS_CLD:
		set(insn, EFFECT_DIRECTION_OFF, NO_REG, NO_REG, 0);
		break;
	default:
		break;
	}
}

static void below(const cs_insn *cs, struct insn *insn)
{
	const cs_x86 *x86 = &cs->detail->x86;

	for (uint8_t i = 0; i < x86->op_count; i++) {
		const x86_op_mem *mem = &x86->operands[i].mem;

		if (x86->operands[i].type != X86_OP_MEM || cs->id == X86_INS_NOP ||
		    mem->disp >= 0 || mem->disp <= INT32_MIN)
			continue;
		if (mem->base == X86_REG_RSP)
			insn->below_stack = (int32_t)-mem->disp;
		else if (mem->base == X86_REG_RBP)
			insn->below_frame = (int32_t)-mem->disp;
	}
}

void effect_stack(const struct check *check, csh handle, const cs_insn *cs, struct insn *insn)
{
	cs_regs read, written;
	uint8_t read_count = 0, written_count = 0;

	if (cs_regs_access(handle, cs, read, &read_count, written, &written_count) == CS_ERR_OK) {
		for (uint8_t i = 0; i < written_count; i++) {
			const uint8_t number = number_of(written[i]);

			if (number != NO_REG)
				insn->written |= (uint16_t)(1 << number);
		}
	}
	if (insn->kind != INSN_PLAIN)
		return;
	known_effect(check, cs, insn);
	below(cs, insn);
	if (insn->effect == EFFECT_NONE && (insn->written & 1 << RSP))
		insn->effect = EFFECT_LOST;
}
