/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loading, second part: the code, whatever the CPU. Which ranges are decoded, where functions
 * start, and how stack use adds up over calls.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "code.h"
#include "eh.h"
#include "result.h"

/* Calls inside one another, in hostile code. */
#define CALL_DEPTH_MAX 64

/* ---- Where code is ------------------------------------------------------------------------- */

static void decode(struct check *check, uint64_t offset, uint64_t size)
{
	struct code *code = check->code;

	if (size > CODE_MAX - code->bytes) {
		size = CODE_MAX - code->bytes;
		code->cut = true;
	}
	code->bytes += size;
	decode_range(check, offset, size);
}

static int by_offset(const void *a, const void *b)
{
	const struct insn *one = a, *two = b;

	return one->offset < two->offset ? -1 : one->offset > two->offset;
}

/* Sections may overlap or stand in any order: sort, and keep one instruction for each offset. */
static void sort(struct code *code)
{
	uint32_t kept = 0;

	if (code->insn_count == 0)
		return;
	qsort(code->insns, code->insn_count, sizeof(*code->insns), by_offset);
	for (uint32_t i = 1; i < code->insn_count; i++) {
		if (code->insns[i].offset != code->insns[kept].offset)
			code->insns[++kept] = code->insns[i];
	}
	code->insn_count = kept + 1;
}

static bool decode_sections(struct check *check)
{
	bool any = false;

	for (size_t i = 0; i < check->section_count; i++) {
		const Elf64_Shdr *shdr = &check->sections[i].shdr;
		uint64_t offset;

		if (!(shdr->sh_flags & SHF_EXECINSTR) || !(shdr->sh_flags & SHF_ALLOC) ||
		    shdr->sh_type == SHT_NOBITS || !shdr->sh_size ||
		    !segment_offset(check, shdr->sh_addr, shdr->sh_size, &offset))
			continue;
		decode(check, offset, shdr->sh_size);
		any = true;
	}
	return any;
}

/*
 * Without sections, the exports and the unwind information tell where code is. What both name is
 * decoded twice and merged.
 */
static void decode_functions(struct check *check)
{
	struct eh eh;

	for (uint32_t i = 1; i < check->symbol_count; i++) {
		const struct symbol *symbol = &check->symbols[i];
		uint64_t offset;

		if (symbol_exported(check, symbol) &&
		    segment_offset(check, symbol->sym.st_value, symbol->sym.st_size, &offset))
			decode(check, offset, symbol->sym.st_size);
	}
	eh_read(check, &eh);
	for (uint32_t i = 0; i < eh.count; i++)
		decode(check, eh.fdes[i].start, eh.fdes[i].size);
	eh_free(&eh);
}

static void decode_all(struct check *check)
{
	if (!decode_sections(check))
		decode_functions(check);
	sort(check->code);
}

/* ---- Where functions start ------------------------------------------------------------------ */

static void add_function(struct check *check, uint64_t offset, const char *name, uint64_t size,
                         bool exported)
{
	const int64_t insn = code_find(check->code, offset);
	const int32_t index = insn < 0 ? -1 : code_function(check, (uint32_t)insn);
	struct function *function;

	if (index < 0)
		return;
	function = &check->code->functions[index];
	function->exported |= exported;
	/* Of two names the longer one: __vdso_X tells more than X. */
	if (strlen(name) > strlen(function->name))
		function->name = name;
	if (size > function->size && size <= UINT32_MAX)
		function->size = (uint32_t)size;
}

static void add_exports(struct check *check)
{
	for (uint32_t i = 1; i < check->symbol_count; i++) {
		const struct symbol *symbol = &check->symbols[i];
		uint64_t offset;

		if (symbol_exported(check, symbol) &&
		    segment_offset(check, symbol->sym.st_value, 1, &offset))
			add_function(check, offset, symbol->name, symbol->sym.st_size, true);
	}
}

#define FALLBACK_NAME(name) "fallback " #name,

/* Fallbacks are called by consumers through the process page, so they are followed like exports. */
static void add_fallbacks(struct check *check)
{
	static const char *const names[] = { VDK_CHAIN_LIST(FALLBACK_NAME) };
	const uint64_t fields =
	        check->image_note_offset + offsetof(struct vdk_image_note, fallback);

	for (int i = 0; i < VDK_CHAIN_COUNT && (check->parts & PART_NOTE); i++) {
		const int64_t target = (int64_t)(fields + (uint64_t)i * 4) +
		                       check->image_note.fallback[i] -
		                       (int64_t)check->load->p_offset;

		if (target > 0)
			add_function(check, (uint64_t)target, names[i], 0, false);
	}
}

/* ---- Stack use over calls ------------------------------------------------------------------- */

static uint32_t total(struct check *check, uint32_t index, int depth)
{
	struct function *function = &check->code->functions[index];
	uint64_t most = function->own;
	bool unknown = function->unknown;

	if (function->colour == 2)
		return function->total;
	if (function->colour == 1 || depth > CALL_DEPTH_MAX) {
		code_fact(check, BAD_STACK, function->offset, text("calls that end"),
		          text("%s", function->colour == 1 ? "recursion" : "too many levels"),
		          "function %s calls itself, directly or not",
		          quoted(*function->name ? function->name : "without a name").s);
		return VDK_CHECK_STACK_UNKNOWN;
	}
	function->colour = 1;
	for (uint32_t i = 0; i < function->call_count; i++) {
		const struct call *call = &check->code->calls[function->first_call + i];
		const uint32_t below = total(check, call->callee, depth + 1);

		unknown |= below == VDK_CHECK_STACK_UNKNOWN;
		if ((uint64_t)below + call->depth + (call->tail ? 0 : 8) > most && !unknown)
			most = (uint64_t)below + call->depth + (call->tail ? 0 : 8);
		function->chains |= check->code->functions[call->callee].chains;
	}
	function->colour = 2;
	function->total = unknown || most >= VDK_CHECK_STACK_UNKNOWN ? VDK_CHECK_STACK_UNKNOWN
	                                                             : (uint32_t)most;
	return function->total;
}

static int by_address(const void *a, const void *b)
{
	const struct vdk_check_function *one = a, *two = b;

	return one->offset < two->offset ? -1 : one->offset > two->offset;
}

static void report_functions(struct check *check)
{
	struct code *code = check->code;

	for (uint32_t i = 0; i < code->function_count; i++) {
		const struct function *function = &code->functions[i];
		const struct vdk_check_function out = {
			.name = function->name,
			.offset = file_offset(check, function->offset),
			.size = function->size,
			.stack = function->unknown ? VDK_CHECK_STACK_UNKNOWN : function->own,
			.stack_total = function->total,
			.exported = function->exported,
			.chains = function->chains,
		};

		if (result_add_function(check->result, &out) != 0)
			check->no_memory = true;
	}
	if (check->result->function_count)
		qsort(check->result->functions, check->result->function_count,
		      sizeof(*check->result->functions), by_address);
}

static bool prepare(struct check *check)
{
	struct code *code = check->code;

	code->entry = model_alloc(check, code->insn_count, sizeof(*code->entry));
	for (uint32_t i = 0; code->entry && i < code->insn_count; i++)
		code->entry[i] = -1;
	return code->entry != NULL && code->insn_count != 0;
}

int code_load(struct check *check)
{
	if (!(check->parts & PART_LOAD))
		return 0;
	check->code = model_alloc(check, 1, sizeof(*check->code));
	if (!check->code)
		return -ENOMEM;
	decode_all(check);
	if (check->no_memory || !prepare(check))
		return check->no_memory ? -ENOMEM : 0;
	check->parts |= PART_CODE;
	add_exports(check);
	add_fallbacks(check);
	if (follow_all(check) != 0)
		return -ENOMEM;
	for (uint32_t i = 0; i < check->code->function_count; i++)
		total(check, i, 0);
	report_functions(check);
	return check->no_memory ? -ENOMEM : 0;
}
