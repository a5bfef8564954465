/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known about the code: tables of instructions, functions, calls and facts, that grow. */
#include "code.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Bounds for hostile code; a vDSO has some ten functions that call two or three others. */
#define FACTS_MAX 256
#define FUNCTIONS_MAX 4096
#define CALLS_MAX 256

bool code_grow(struct check *check, void **array, uint32_t count, uint32_t *room, size_t size)
{
	const uint32_t more = *room ? *room * 2 : 64;
	void *grown;

	if (count < *room)
		return true;
	grown = reallocarray(*array, more, size);
	if (!grown) {
		check->no_memory = true;
		return false;
	}
	*array = grown;
	*room = more;
	return true;
}

void code_fact(struct check *check, uint16_t bad, uint64_t offset, struct text expected,
               struct text found, const char *format, ...)
{
	struct code *code = check->code;
	struct fact *fact;
	va_list args;

	for (uint32_t i = 0; i < code->fact_count; i++) {
		if (code->facts[i].bad == bad && code->facts[i].offset == offset)
			return;
	}
	if (code->fact_count == FACTS_MAX ||
	    !code_grow(check, (void **)&code->facts, code->fact_count, &code->fact_room,
	               sizeof(*code->facts)))
		return;
	fact = &code->facts[code->fact_count++];
	*fact = (struct fact){ bad, offset, expected, found };
	va_start(args, format);
	vsnprintf(fact->message.s, sizeof(fact->message.s), format, args);
	va_end(args);
}

int64_t code_find(const struct code *code, uint64_t offset)
{
	uint32_t low = 0, high = code->insn_count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (code->insns[middle].offset == offset)
			return middle;
		if (code->insns[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

int32_t code_function(struct check *check, uint32_t insn)
{
	struct code *code = check->code;

	if (code->entry[insn] >= 0)
		return code->entry[insn];
	if (code->function_count == FUNCTIONS_MAX ||
	    !code_grow(check, (void **)&code->functions, code->function_count,
	               &code->function_room, sizeof(*code->functions)))
		return -1;
	code->functions[code->function_count] =
	        (struct function){ .name = "", .offset = code->insns[insn].offset };
	code->entry[insn] = (int32_t)code->function_count;
	return (int32_t)code->function_count++;
}

int code_add_call(struct check *check, uint32_t caller, const struct call *call)
{
	struct code *code = check->code;
	struct function *function = &code->functions[caller];

	for (uint32_t i = 0; i < function->call_count; i++) {
		const struct call *other = &code->calls[function->first_call + i];

		if (other->callee == call->callee && other->depth == call->depth &&
		    other->tail == call->tail)
			return 0;
	}
	if (function->call_count == CALLS_MAX ||
	    !code_grow(check, (void **)&code->calls, code->call_count, &code->call_room,
	               sizeof(*code->calls)))
		return -E2BIG;
	code->calls[code->call_count++] = *call;
	function->call_count++;
	return 0;
}

void code_free(struct code *code)
{
	if (!code)
		return;
	free(code->insns);
	free(code->entry);
	free(code->functions);
	free(code->calls);
	free(code->facts);
	free(code);
}
