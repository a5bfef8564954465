/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Instructions. Each one of the image's executable sections was decoded and classified while
 * loading (arch/CPU); a rule here picks its own bit.
 */
#include "arch.h"
#include "code.h"

/* What a rule expects, and why; by its bit. */
static const struct reason {
	uint16_t bad;
	const char *expected, *message;
} reasons[] = {
	{ BAD_DECODE, "an instruction", "the bytes are no instruction that is known" },
	{ BAD_PRIVILEGED, "an instruction of user space", "the instruction faults in user space" },
	{ BAD_SEGMENT, "no segment register",
	  "thread-local data and stack canaries are not there on every thread" },
	{ BAD_TRAP, "syscall, or a plain jump", "an old or a far way to somewhere else" },
	{ BAD_STATE, "registers and flags only", "changes modes of the CPU behind the caller" },
	{ BAD_VECTOR, "general registers, or xmm0 to xmm14",
	  "touches state that a caller may not have saved" },
	{ BAD_XMM15, "xmm0 to xmm14", "Go keeps zero in xmm15 and does not save it" },
	{ BAD_BASELINE, "what every x86-64 CPU has", "not every CPU has this instruction" },
	{ BAD_WRITE, "reads only", "writes to the image or the page, which are read-only" },
	{ BAD_REACH, "inside process page, page and image",
	  "reaches for memory that does not belong to the image" },
	{ BAD_PROBE, "no stack probes", "compiled with -fstack-clash-protection" },
};

static const struct reason *reason_of(uint16_t bad)
{
	const struct reason *reason = reasons;

	while (reason->bad != bad)
		reason++;
	return reason;
}

static void insn(struct check *check, const struct rule *rule)
{
	const struct reason *reason = reason_of((uint16_t)rule->kind);

	for (uint32_t i = 0; i < check->code->insn_count; i++) {
		const struct insn *insn = &check->code->insns[i];

		if (insn->bad & rule->kind)
			find(check, rule, file_offset(check, insn->offset), reason->expected,
			     decode_text(check, insn->offset).s, "%s", reason->message);
	}
}

static void decode(struct check *check, const struct rule *rule)
{
	if (!(check->parts & PART_CODE)) {
		find(check, rule, VDK_CHECK_NO_OFFSET, "code", "none",
		     "there is no executable section and no exported function");
		return;
	}
	if (check->code->cut)
		find(check, rule, VDK_CHECK_NO_OFFSET, text("at most %u bytes", CODE_MAX).s, "more",
		     "too much code to be looked at");
	insn(check, rule);
}

static void facts(struct check *check, const struct rule *rule)
{
	for (uint32_t i = 0; i < check->code->fact_count; i++) {
		const struct fact *fact = &check->code->facts[i];

		if (fact->bad == rule->kind)
			find(check, rule, file_offset(check, fact->offset), fact->expected.s,
			     fact->found.s, "%s", fact->message.s);
	}
}

const struct rule rules_insn[] = {
	{ { "insn.decode", "Every byte of the code is part of an instruction",
	    "Intel SDM volume 2; what cannot be read cannot be judged", ERROR, WARNING },
	  PART_LOAD, decode, BAD_DECODE },
	{ { "insn.privileged", "No privileged instruction",
	    "Intel SDM volume 2: faults outside ring 0", ERROR, ERROR },
	  PART_CODE, insn, BAD_PRIVILEGED },
	{ { "insn.segment", "No access through %fs or %gs",
	    "wrong on Go's threads; stack canaries lie at %fs:0x28", ERROR, ERROR },
	  PART_CODE, insn, BAD_SEGMENT },
	{ { "insn.trap", "No int N, sysenter or far transfer",
	    "system calls by old ways surprise seccomp filters", ERROR, ERROR },
	  PART_CODE, insn, BAD_TRAP },
	{ { "insn.state", "No change of the CPU's modes",
	    "System V ABI: mxcsr and control words belong to the caller", ERROR, ERROR },
	  PART_CODE, insn, BAD_STATE },
	{ { "insn.vector", "No x87, MMX, AVX or AVX-512",
	    "state that old CPUs lack and callers may not save", ERROR, ERROR },
	  PART_CODE, insn, BAD_VECTOR },
	{ { "insn.xmm15", "xmm15 is not touched",
	    "Go's ABIInternal keeps X15 zero across its vDSO calls", ERROR, NOTE },
	  PART_CODE, insn, BAD_XMM15 },
	{ { "insn.baseline", "Only instructions of every x86-64 CPU",
	    "AMD64 ABI supplement, micro-architecture levels", WARNING, NOTE },
	  PART_CODE, insn, BAD_BASELINE },
	{ { "insn.write", "No write relative to the code",
	    "image and page are mapped read-only", ERROR, ERROR }, PART_CODE, insn, BAD_WRITE },
	{ { "insn.reach", "Fixed addresses lie in process page, page or image",
	    "Linux vdso2c: vvar ends where the text begins", ERROR, ERROR },
	  PART_CODE, insn, BAD_REACH },
	{ { "insn.probe", "No stack probes", "compilers' hardening, off in Linux's vDSO", ERROR, NOTE },
	  PART_CODE, insn, BAD_PROBE },
	{ { "insn.branch", "Jumps and calls lead to instructions of the image",
	    "nothing outside of the image is linked", ERROR, ERROR },
	  PART_CODE, facts, BAD_BRANCH },
	{ { "insn.indirect", "Indirect jumps go through the process page only",
	    "jump tables and pointers need relocations", ERROR, NOTE },
	  PART_CODE, facts, BAD_INDIRECT },
	{ { "abi.saved", "Callee-saved registers and the direction flag are kept",
	    "System V ABI; Go keeps its state in rbx and r12", ERROR, NOTE },
	  PART_CODE, facts, BAD_SAVED },
	{ { NULL } },
};
