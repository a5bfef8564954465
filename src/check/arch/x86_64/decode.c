/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Decoding with Capstone, reduced to what the rules and following need. Capstone is opened once
 * per range: its handle is not to be shared between threads.
 */
#include <capstone/capstone.h>
#include <errno.h>

#include "../../arch.h"
#include "classify.h"
#include "effect.h"

static void fill(const struct check *check, csh handle, const cs_insn *cs, struct insn *ret)
{
	*ret = (struct insn){
		.offset = (uint32_t)cs->address,
		.size = (uint8_t)cs->size,
		.kind = INSN_PLAIN,
		.reg = NO_REG,
		.base = NO_REG,
		.depth = 0,
		.frame = NO_FRAME,
	};
	effect_kind(check, cs, ret);
	effect_stack(check, handle, cs, ret);
	ret->bad = classify(check, cs, ret);
}

static struct insn *append(struct check *check)
{
	struct code *code = check->code;

	if (!code_grow(check, (void **)&code->insns, code->insn_count, &code->insn_room,
	               sizeof(*code->insns)))
		return NULL;
	return &code->insns[code->insn_count++];
}

int decode_range(struct check *check, uint64_t offset, uint64_t size)
{
	const struct view range = view_part(&check->segment, offset, size);
	const uint8_t *bytes = range.bytes;
	size_t left = range.size;
	uint64_t address = offset;
	csh handle;
	cs_insn *cs;
	int error = 0;

	if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK)
		return -ENOMEM;
	cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
	cs = cs_malloc(handle);
	while (cs && left && !error) {
		struct insn *insn = append(check);

		if (!insn) {
			error = -ENOMEM;
		} else if (cs_disasm_iter(handle, &bytes, &left, &address, cs)) {
			fill(check, handle, cs, insn);
		} else {
			*insn = (struct insn){ .offset = (uint32_t)address, .size = 1,
				               .kind = INSN_STOP, .bad = BAD_DECODE };
			bytes++, left--, address++;
		}
	}
	if (!cs)
		error = -ENOMEM;
	else
		cs_free(cs, 1);
	cs_close(&handle);
	check->no_memory |= error != 0;
	return error;
}

struct text decode_text(const struct check *check, uint64_t offset)
{
	const struct view range = view_part(&check->segment, offset, 15);
	struct text ret = text("byte %02x", range.size ? range.bytes[0] : 0);
	cs_insn *cs = NULL;
	csh handle;

	if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK)
		return ret;
	cs_option(handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
	if (cs_disasm(handle, range.bytes, range.size, offset, 1, &cs) == 1) {
		ret = text("%s %s", cs->mnemonic, cs->op_str);
		cs_free(cs, 1);
	}
	cs_close(&handle);
	return ret;
}
