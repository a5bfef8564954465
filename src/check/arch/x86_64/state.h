/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_CHECK_X86_64_STATE_H
#define VDK_CHECK_X86_64_STATE_H

/*
 * What is known before one instruction of a function: how deep the stack is, where the frame
 * pointer points, whether each callee-saved register holds the caller's value or on which slot of
 * the stack that value was saved, and which registers hold an address out of the process page.
 *
 * Depth counts bytes below the return address: 0 at the function's entry, growing with pushes.
 */

#include "effect.h"

enum holds {
	HOLDS_ANY,
	HOLDS_INITIAL, /* what it held at the function's entry */
	HOLDS_CHAIN,   /* an address from the process page */
	HOLDS_STACK    /* loaded from the function's own frame: a value that was spilled */
};

struct state {
	uint32_t owner;           /* 1 + the function that it belongs to; 0: none yet */
	bool queued;
	bool exact;               /* false: depth may be less, since the stack was aligned */
	bool frame_exact;
	bool direction;           /* the direction flag may be set */
	int32_t depth;
	int32_t frame;            /* depth that the frame pointer points to; NO_FRAME */
	uint8_t holds[REG_COUNT]; /* enum holds */
	int32_t saved[REG_COUNT]; /* depth of the slot with the initial value; 0: none */
};

/* At a function's entry. */
struct state state_entry(void);

/*
 * Where two paths meet, only what both know is kept; sets *ret_changed when that is less than
 * before. Return: false: they disagree about the depth.
 */
bool state_merge(struct state *into, const struct state *from, bool *ret_changed);

/* Past one instruction. Return: NULL, or why the stack cannot be followed any more. */
const char *state_step(struct state *state, const struct insn *insn);

/* The greatest depth that the instruction touches, once state_step() has gone past it. */
int64_t state_deepest(const struct state *state, const struct insn *insn);

/* Past a call: what the callee may have changed is forgotten. */
void state_called(struct state *state);

#endif
