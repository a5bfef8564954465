/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The abstract state of following: how instructions change it and how two of them merge. */
#include "state.h"

#include <stddef.h>

/* No image has a frame of this size; it keeps the arithmetic far from overflow. */
#define DEPTH_MAX (64 << 20)

struct state state_entry(void)
{
	struct state entry = { .exact = true, .frame = NO_FRAME };

	for (int i = 0; i < REG_COUNT; i++)
		entry.holds[i] = HOLDS_INITIAL;
	return entry;
}

static bool merge_registers(struct state *into, const struct state *from)
{
	bool changed = false;

	for (int i = 0; i < REG_COUNT; i++) {
		if (into->holds[i] != from->holds[i] && into->holds[i] != HOLDS_ANY) {
			into->holds[i] = HOLDS_ANY;
			changed = true;
		}
		if (into->saved[i] != from->saved[i] && into->saved[i] != 0) {
			into->saved[i] = 0;
			changed = true;
		}
	}
	return changed;
}

bool state_merge(struct state *into, const struct state *from, bool *ret_changed)
{
	bool changed = merge_registers(into, from);

	if (into->depth != from->depth || into->exact != from->exact)
		return false;
	if (into->frame != from->frame && into->frame != NO_FRAME) {
		into->frame = NO_FRAME;
		changed = true;
	}
	if (from->direction && !into->direction) {
		into->direction = true;
		changed = true;
	}
	*ret_changed = changed;
	return true;
}

static void push(struct state *state, uint8_t reg)
{
	state->depth += 8;
	/* The slot may be one that was popped before, as on the way to a tail call. */
	for (int i = 0; i < REG_COUNT; i++) {
		if (state->saved[i] == state->depth)
			state->saved[i] = 0;
	}
	/* So may the one that is known, when it lies deeper: whoever jumped here had more to save. */
	if (reg != NO_REG && state->holds[reg] == HOLDS_INITIAL &&
	    (!state->saved[reg] || state->saved[reg] > state->depth))
		state->saved[reg] = state->depth;
}

static void pop(struct state *state, uint8_t reg)
{
	if (reg != NO_REG)
		state->holds[reg] = state->saved[reg] == state->depth ? HOLDS_INITIAL : HOLDS_STACK;
	if (reg == RBP)
		state->frame = NO_FRAME;
	state->depth -= 8;
}

/* The depth of the slot at @base + @number; 0: not known. */
static int64_t slot(const struct state *state, const struct insn *insn)
{
	if (insn->base == RSP)
		return (int64_t)state->depth - insn->number;
	return state->frame == NO_FRAME ? 0 : (int64_t)state->frame - insn->number;
}

static void store(struct state *state, const struct insn *insn)
{
	const int64_t at = slot(state, insn);

	if (at <= 0)
		return;
	for (int i = 0; i < REG_COUNT; i++) {
		if (state->saved[i] == at)
			state->saved[i] = 0;
	}
	if (state->holds[insn->reg] == HOLDS_INITIAL && !state->saved[insn->reg])
		state->saved[insn->reg] = (int32_t)at;
}

static void load(struct state *state, const struct insn *insn)
{
	const int64_t at = slot(state, insn);

	/* At or above the return address lies what the caller put there. */
	if (at <= 0)
		state->holds[insn->reg] = HOLDS_ANY;
	else
		state->holds[insn->reg] =
		        state->saved[insn->reg] == at ? HOLDS_INITIAL : HOLDS_STACK;
}

static const char *unframe(struct state *state, const struct insn *insn)
{
	if (state->frame == NO_FRAME)
		return "the stack pointer is set from a register that is no frame pointer";
	state->depth = state->frame - insn->number;
	state->exact = state->frame_exact;
	return NULL;
}

static void move(struct state *state, const struct insn *insn)
{
	const uint8_t from = state->holds[insn->base];

	state->holds[insn->reg] = from == HOLDS_INITIAL ? HOLDS_ANY : from;
}

/* Every general register that the instruction writes holds something else now. */
static void forget(struct state *state, const struct insn *insn)
{
	for (int i = 0; i < REG_COUNT; i++) {
		if (insn->written & 1 << i)
			state->holds[i] = HOLDS_ANY;
	}
	if (insn->written & 1 << RBP && insn->effect != EFFECT_FRAME &&
	    insn->effect != EFFECT_LEAVE)
		state->frame = NO_FRAME;
}

/* The effects that only move the stack or the frame pointer. */
static const char *step_stack(struct state *state, const struct insn *insn)
{
	const char *why = NULL;

	switch (insn->effect) {
	case EFFECT_PUSH:
		push(state, insn->reg);
		break;
	case EFFECT_POP:
		if (insn->reg == RSP)
			return "the stack pointer is loaded from memory";
		pop(state, insn->reg);
		break;
	case EFFECT_ADD:
		state->depth -= insn->number;
		break;
	case EFFECT_ALIGN:
		state->depth += insn->number > 8 ? insn->number - 8 : 0;
		state->exact = state->exact && insn->number <= 8;
		break;
	case EFFECT_LEAVE:
		why = unframe(state, insn);
		pop(state, RBP);
		break;
	case EFFECT_FRAME:
		state->frame = state->depth - insn->number;
		state->frame_exact = state->exact;
		break;
	case EFFECT_UNFRAME:
		why = unframe(state, insn);
		break;
	case EFFECT_LOST:
		why = "the stack pointer becomes something that cannot be followed";
		break;
	default:
		break;
	}
	return why;
}

static void step_registers(struct state *state, const struct insn *insn)
{
	switch (insn->effect) {
	case EFFECT_STORE:
		store(state, insn);
		break;
	case EFFECT_LOAD:
		load(state, insn);
		break;
	case EFFECT_MOVE:
		move(state, insn);
		break;
	case EFFECT_CHAIN:
		state->holds[insn->reg] = HOLDS_CHAIN;
		break;
	case EFFECT_DIRECTION_ON:
	case EFFECT_DIRECTION_OFF:
		state->direction = insn->effect == EFFECT_DIRECTION_ON;
		break;
	default:
		break;
	}
}

const char *state_step(struct state *state, const struct insn *insn)
{
	const char *why;

	forget(state, insn);
	why = step_stack(state, insn);
	step_registers(state, insn);
	if (!why && (state->depth < 0 || state->depth > DEPTH_MAX))
		why = "the stack pointer leaves the function's frame";
	return why;
}

int64_t state_deepest(const struct state *state, const struct insn *insn)
{
	int64_t deepest = state->depth;

	if (insn->below_stack && (int64_t)state->depth + insn->below_stack > deepest)
		deepest = (int64_t)state->depth + insn->below_stack;
	if (insn->below_frame && state->frame != NO_FRAME &&
	    (int64_t)state->frame + insn->below_frame > deepest)
		deepest = (int64_t)state->frame + insn->below_frame;
	return deepest;
}

void state_called(struct state *state)
{
	for (int i = 0; i < REG_COUNT; i++) {
		if (!(CALLEE_SAVED & 1 << i))
			state->holds[i] = HOLDS_ANY;
	}
}
