/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_CHECK_CODE_H
#define VDK_CHECK_CODE_H

/*
 * The image's code: every instruction, decoded once, and every function, followed along all of
 * its paths.
 *
 * Decoding sweeps each executable section from end to end, so that nothing hides between
 * functions. Following (arch/CPU/follow.c) starts from the exports and from what the kit's note
 * leads to, keeps the depth of the stack and the fate of the callee-saved registers along every
 * path, and finds the functions that are called. A jump must land on an instruction that the
 * sweep saw: so all that can be executed has been looked at.
 *
 * Offsets are in the segment: addresses relative to the link base.
 */

#include <stdbool.h>
#include <stdint.h>

#include "internal.h"

/* More code than in any vDSO by far; it bounds what a hostile image costs. */
#define CODE_MAX (256u << 10)
/* Steps of following, over all functions together. A real image needs some thousands. */
#define FOLLOW_MAX (4u << 20)

/* What a decoded instruction breaks; one bit is one rule of rules-insn.c. */
enum bad {
	BAD_DECODE = 1 << 0,
	BAD_PRIVILEGED = 1 << 1,
	BAD_SEGMENT = 1 << 2,
	BAD_VECTOR = 1 << 3,
	BAD_XMM15 = 1 << 4,
	BAD_WRITE = 1 << 5,
	BAD_REACH = 1 << 6,
	BAD_TRAP = 1 << 7,
	BAD_STATE = 1 << 8,
	BAD_PROBE = 1 << 9,
	BAD_BASELINE = 1 << 10,
	BAD_BRANCH = 1 << 11,

	/* What following finds; facts below. */
	BAD_INDIRECT = 1 << 12,
	BAD_STACK = 1 << 13,
	BAD_SAVED = 1 << 14
};

enum insn_kind {
	INSN_PLAIN,
	INSN_CALL,          /* to @target */
	INSN_JUMP,          /* to @target */
	INSN_BRANCH,        /* to @target or on */
	INSN_CALL_CHAIN,    /* through a slot of the process page */
	INSN_JUMP_CHAIN,
	INSN_CALL_REGISTER, /* through register @reg */
	INSN_JUMP_REGISTER,
	INSN_CALL_OTHER,    /* through other memory */
	INSN_JUMP_OTHER,
	INSN_RETURN,
	INSN_STOP           /* execution does not go on: ud2, int3, hlt */
};

/* What an instruction does to the stack pointer, the frame pointer and what lies on the stack. */
enum effect {
	EFFECT_NONE,
	EFFECT_PUSH,         /* @reg, or NO_REG */
	EFFECT_POP,
	EFFECT_ADD,          /* stack pointer += @number */
	EFFECT_ALIGN,        /* stack pointer down to a multiple of @number */
	EFFECT_LEAVE,
	EFFECT_FRAME,        /* frame pointer = stack pointer + @number */
	EFFECT_UNFRAME,      /* stack pointer = frame pointer + @number */
	EFFECT_STORE,        /* @reg to @base + @number, 8 bytes */
	EFFECT_LOAD,         /* @reg from there */
	EFFECT_MOVE,         /* @reg = @base */
	EFFECT_CHAIN,        /* @reg = a slot of the process page */
	EFFECT_DIRECTION_ON, /* string instructions go down */
	EFFECT_DIRECTION_OFF,
	EFFECT_LOST          /* the stack pointer becomes something else */
};

#define NO_REG 0xff

struct insn {
	uint32_t offset;
	uint8_t size;
	uint8_t kind;     /* enum insn_kind */
	uint8_t effect;   /* enum effect */
	uint8_t reg, base;
	uint16_t written; /* general registers, by number */
	uint16_t bad;     /* enum bad */
	int32_t number;
	int64_t target; /* of a direct jump; else the address of a memory operand that is BAD_... */

	/* The lowest access below a base register: @below bytes under stack or frame pointer. */
	int32_t below_stack, below_frame;

	/* From following: the stack's depth and the frame pointer's before this instruction. */
	bool followed, exact;
	int32_t depth, frame; /* bytes below the return address; NO_FRAME */
};

#define NO_FRAME INT32_MIN

struct function {
	const char *name;
	uint32_t offset;
	uint32_t size; /* 0: not known */
	bool exported, chains, unknown;
	uint32_t own;   /* bytes with the return address */
	uint32_t total; /* VDK_CHECK_STACK_UNKNOWN */
	uint32_t first_call, call_count;
	uint8_t colour; /* of the walk over the calls: 0 new, 1 open, 2 done */
};

struct call {
	uint32_t callee; /* index of a function */
	uint32_t depth;  /* of the stack at the call */
	bool tail;       /* a jump at depth 0: the callee takes over the return address */
};

/* What following found; the rules report it. */
struct fact {
	uint16_t bad; /* one of enum bad */
	uint64_t offset;
	struct text expected, found, message;
};

struct code {
	struct insn *insns;
	uint32_t insn_count, insn_room;
	int32_t *entry; /* for each instruction: the function that starts there, or -1 */
	struct function *functions;
	uint32_t function_count, function_room;
	struct call *calls;
	uint32_t call_count, call_room;
	struct fact *facts;
	uint32_t fact_count, fact_room;
	uint64_t bytes; /* decoded */
	bool cut;       /* more than CODE_MAX */
};

/* The instruction that starts at @offset; -1: none does. */
int64_t code_find(const struct code *code, uint64_t offset);

/* The function at instruction @insn, made when there is none; -1: too many. */
int32_t code_function(struct check *check, uint32_t insn);

/* Return: 0; -E2BIG. */
int code_add_call(struct check *check, uint32_t caller, const struct call *call);
void code_fact(struct check *check, uint16_t bad, uint64_t offset, struct text expected,
               struct text found, const char *format, ...)
        __attribute__((format(printf, 6, 7)));

/* Room for one more element of an array that doubles. */
bool code_grow(struct check *check, void **array, uint32_t count, uint32_t *room, size_t size);

#endif
