/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Following one function along all of its paths, with a state (state.h) for each instruction.
 * States only lose knowledge, so following ends; the budget bounds it for hostile code too.
 */
#include <errno.h>
#include <stdlib.h>

#include "../../arch.h"
#include "state.h"

struct walk {
	struct check *check;
	struct code *code;
	uint32_t function; /* index: the array may move */
	struct state *states; /* one for each instruction, shared by all walks */
	uint32_t *queue, queued;
	uint64_t usage;
	bool lost, reported_stack, reported_saved;
};

static struct function *self(const struct walk *walk)
{
	return &walk->code->functions[walk->function];
}

static void lost(struct walk *walk, const struct insn *insn, const char *why)
{
	walk->lost = true;
	if (walk->reported_stack)
		return;
	walk->reported_stack = true;
	code_fact(walk->check, BAD_STACK, insn->offset, text("a depth known at every instruction"),
	          decode_text(walk->check, insn->offset), "%s", why);
}

/* Put a state before an instruction; queue it when that teaches something new. */
static void reach(struct walk *walk, uint32_t index, const struct state *state)
{
	struct state *into = &walk->states[index];
	bool changed = into->owner != walk->function + 1;

	if (changed) {
		*into = *state;
		into->owner = walk->function + 1;
		into->queued = false;
	} else if (!state_merge(into, state, &changed)) {
		lost(walk, &walk->code->insns[index],
		     "two paths meet with stacks of different depth");
		return;
	}
	if (changed && !into->queued) {
		into->queued = true;
		walk->queue[walk->queued++] = index;
	}
}

static void use(struct walk *walk, int64_t depth)
{
	if (depth > 0 && (uint64_t)depth > walk->usage)
		walk->usage = (uint64_t)depth;
}

/* What a caller may expect where the function ends, and where it hands on to another. */
static void leave(struct walk *walk, const struct state *state, const struct insn *insn)
{
	if (state->depth != 0 || !state->exact)
		lost(walk, insn, "the function returns with something left on the stack");
	for (int i = 0; i < REG_COUNT && !walk->reported_saved; i++) {
		static const char *const names[REG_COUNT] = { [RBX] = "rbx", [RBP] = "rbp",
			                                      [R12] = "r12", [R13] = "r13",
			                                      [R14] = "r14", [R15] = "r15" };

		if (!(CALLEE_SAVED & 1 << i) || state->holds[i] == HOLDS_INITIAL)
			continue;
		walk->reported_saved = true;
		code_fact(walk->check, BAD_SAVED, insn->offset, text("the caller's %s", names[i]),
		          text("another value"), "a path returns with a changed register");
	}
	if (state->direction && !walk->reported_saved) {
		walk->reported_saved = true;
		code_fact(walk->check, BAD_SAVED, insn->offset, text("direction flag clear"),
		          text("set by std"), "a path returns with the direction flag set");
	}
}

static int64_t target_of(struct walk *walk, const struct insn *insn)
{
	const int64_t index = insn->target < 0 ? -1 : code_find(walk->code, (uint64_t)insn->target);

	if (index < 0)
		code_fact(walk->check, BAD_BRANCH, insn->offset,
		          text("an instruction of the image"), hex((uint64_t)insn->target),
		          "a jump leads to something that is no code");
	return index;
}

static void add_call(struct walk *walk, const struct insn *insn, int32_t callee, int32_t depth,
                     bool tail)
{
	const struct call call = { (uint32_t)callee, (uint32_t)(depth < 0 ? 0 : depth), tail };

	if (callee < 0 || code_add_call(walk->check, walk->function, &call) != 0)
		lost(walk, insn, "more calls or functions than can be followed");
}

/* A direct jump: within the function, or at depth 0 into another one, which then returns for us. */
static void jump(struct walk *walk, const struct state *state, const struct insn *insn)
{
	const int64_t index = target_of(walk, insn);
	int32_t entry;

	if (index < 0)
		return;
	entry = walk->code->entry[index];
	if (entry >= 0 && (uint32_t)entry != walk->function && state->depth == 0) {
		leave(walk, state, insn);
		add_call(walk, insn, entry, 0, true);
		return;
	}
	reach(walk, (uint32_t)index, state);
}

static bool indirect_fine(struct walk *walk, const struct state *state, const struct insn *insn)
{
	if (insn->kind == INSN_CALL_CHAIN || insn->kind == INSN_JUMP_CHAIN) {
		self(walk)->chains = true;
		return true;
	}
	if ((insn->kind == INSN_CALL_REGISTER || insn->kind == INSN_JUMP_REGISTER) &&
	    insn->reg != NO_REG &&
	    (state->holds[insn->reg] == HOLDS_CHAIN || state->holds[insn->reg] == HOLDS_STACK)) {
		self(walk)->chains = true;
		return true;
	}
	code_fact(walk->check, BAD_INDIRECT, insn->offset,
	          text("a jump to a fixed place or through the process page"),
	          decode_text(walk->check, insn->offset),
	          "where this leads cannot be told: a table would need relocations");
	return false;
}

static void next(struct walk *walk, uint32_t index, const struct state *state)
{
	const struct insn *insn = &walk->code->insns[index];

	if (index + 1 < walk->code->insn_count &&
	    walk->code->insns[index + 1].offset == insn->offset + insn->size)
		reach(walk, index + 1, state);
	else
		code_fact(walk->check, BAD_BRANCH, insn->offset, text("more code"), text("none"),
		          "execution runs out of the code");
}

static void go_on(struct walk *walk, uint32_t index, struct state *state)
{
	const struct insn *insn = &walk->code->insns[index];
	int64_t target;

	switch (insn->kind) {
	case INSN_CALL:
		target = target_of(walk, insn);
		if (target >= 0)
			add_call(walk, insn, code_function(walk->check, (uint32_t)target),
			         state->depth, false);
		state_called(state);
		next(walk, index, state);
		break;
	case INSN_CALL_CHAIN:
	case INSN_CALL_REGISTER:
	case INSN_CALL_OTHER:
		use(walk, (int64_t)state->depth + 8);
		if (!indirect_fine(walk, state, insn))
			walk->lost = true;
		state_called(state);
		next(walk, index, state);
		break;
	case INSN_JUMP_CHAIN:
	case INSN_JUMP_REGISTER:
	case INSN_JUMP_OTHER:
		if (indirect_fine(walk, state, insn))
			leave(walk, state, insn);
		else
			walk->lost = true;
		break;
	case INSN_BRANCH:
		jump(walk, state, insn);
		next(walk, index, state);
		break;
	case INSN_JUMP:
		jump(walk, state, insn);
		break;
	case INSN_RETURN:
		leave(walk, state, insn);
		break;
	case INSN_STOP:
		break;
	default:
		next(walk, index, state);
		break;
	}
}

/* Keep the state for the comparison with the unwind information; later ones know less. */
static void remember(struct insn *insn, const struct state *state)
{
	insn->followed = true;
	insn->exact = state->exact;
	insn->depth = state->depth;
	insn->frame = state->frame_exact ? state->frame : NO_FRAME;
}

static void step(struct walk *walk, uint32_t index, struct state *state)
{
	const struct insn *insn = &walk->code->insns[index];
	const char *why = state_step(state, insn);

	if (why)
		lost(walk, insn, why);
	else
		use(walk, state_deepest(state, insn));
}

static void walk_all(struct walk *walk, uint32_t *budget)
{
	while (walk->queued && !walk->lost) {
		const uint32_t index = walk->queue[--walk->queued];
		struct state state = walk->states[index];

		walk->states[index].queued = false;
		if (*budget == 0) {
			lost(walk, &walk->code->insns[index],
			     "the code is too tangled to be followed");
			return;
		}
		--*budget;
		remember(&walk->code->insns[index], &state);
		step(walk, index, &state);
		if (!walk->lost)
			go_on(walk, index, &state);
	}
}

/* The function list grows while functions are followed: each one that is called joins it. */
static void follow_one(struct check *check, uint32_t index, struct walk *scratch, uint32_t *budget)
{
	struct code *code = check->code;
	struct walk walk = { .check = check, .code = code, .function = index,
		             .states = scratch->states, .queue = scratch->queue };
	const int64_t start = code_find(code, code->functions[index].offset);
	const struct state entry = state_entry();

	code->functions[index].first_call = code->call_count;
	if (start < 0) {
		code->functions[index].unknown = true; /* rule sym.range */
		return;
	}
	reach(&walk, (uint32_t)start, &entry);
	walk_all(&walk, budget);
	code->functions[index].own = (uint32_t)walk.usage + 8;
	code->functions[index].unknown = walk.lost;
}

int follow_all(struct check *check)
{
	struct code *code = check->code;
	struct walk scratch = { .check = check };
	uint32_t budget = FOLLOW_MAX;

	scratch.states = calloc(code->insn_count, sizeof(*scratch.states));
	scratch.queue = calloc(code->insn_count, sizeof(*scratch.queue));
	if (!scratch.states || !scratch.queue)
		check->no_memory = true;
	for (uint32_t i = 0; i < code->function_count && !check->no_memory; i++)
		follow_one(check, i, &scratch, &budget);
	free(scratch.states);
	free(scratch.queue);
	return check->no_memory ? -ENOMEM : 0;
}
