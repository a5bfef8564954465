/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Segments. musl takes its link base from the last PT_LOAD and glibc from the first, the kernel
 * maps the file as it is: all agree only on one segment that starts at 0.
 */
#include "internal.h"

static uint64_t phdr_offset(const struct check *check, const Elf64_Phdr *phdr)
{
	return check->ehdr.e_phoff + (uint64_t)(phdr - check->phdrs) * sizeof(*phdr);
}

static const Elf64_Phdr *phdr_find(const struct check *check, uint32_t type)
{
	for (uint64_t i = 0; i < check->phdr_count; i++) {
		if (check->phdrs[i].p_type == type)
			return &check->phdrs[i];
	}
	return NULL;
}

static void single(struct check *check, const struct rule *rule)
{
	uint64_t count = 0, last = check->ehdr.e_phoff;

	for (uint64_t i = 0; i < check->phdr_count; i++) {
		if (check->phdrs[i].p_type != PT_LOAD)
			continue;
		count++;
		last = phdr_offset(check, &check->phdrs[i]);
	}
	if (count != 1)
		find(check, rule, last, "1", num(count).s,
		     "an image has exactly one loaded segment");
}

static void base(struct check *check, const struct rule *rule)
{
	if (check->load->p_vaddr != 0)
		find(check, rule, phdr_offset(check, check->load) + offsetof(Elf64_Phdr, p_vaddr),
		     "0", hex(check->load->p_vaddr).s, "the image is not linked at 0");
}

static void offset(struct check *check, const struct rule *rule)
{
	if (check->load->p_offset != 0)
		find(check, rule, phdr_offset(check, check->load) + offsetof(Elf64_Phdr, p_offset),
		     "0", hex(check->load->p_offset).s,
		     "the segment does not start with the ELF header");
}

static void memsz(struct check *check, const struct rule *rule)
{
	if (check->load->p_memsz != check->load->p_filesz)
		find(check, rule, phdr_offset(check, check->load) + offsetof(Elf64_Phdr, p_memsz),
		     hex(check->load->p_filesz).s, hex(check->load->p_memsz).s,
		     "memory that is not in the file: nobody clears or extends an image");
}

static void flags(struct check *check, const struct rule *rule)
{
	if (check->load->p_flags != (PF_R | PF_X))
		find(check, rule, phdr_offset(check, check->load) + offsetof(Elf64_Phdr, p_flags),
		     "5 (read, execute)", num(check->load->p_flags).s,
		     "the segment is mapped readable and executable, nothing else");
}

static void align(struct check *check, const struct rule *rule)
{
	if (check->load->p_align != VDK_PAGE_UNIT)
		find(check, rule, phdr_offset(check, check->load) + offsetof(Elf64_Phdr, p_align),
		     hex(VDK_PAGE_UNIT).s, hex(check->load->p_align).s,
		     "the image lies at any page, so it cannot ask for more than one");
}

static void whole(struct check *check, const struct rule *rule)
{
	if (!check->load)
		find(check, rule, check->ehdr.e_phoff, "one", "none",
		     "there is no PT_LOAD segment");
	else if (check->segment.size < check->load->p_filesz || !check->segment.size)
		find(check, rule, phdr_offset(check, check->load) + offsetof(Elf64_Phdr, p_filesz),
		     text("1 to %llu bytes", (unsigned long long)check->file.size).s,
		     num(check->load->p_filesz).s, "the file does not hold the whole segment");
}

/* Where the other segments say they are must be where their bytes are, mapped and in the file. */
static void inside(struct check *check, const struct rule *rule)
{
	for (uint64_t i = 0; i < check->phdr_count; i++) {
		const Elf64_Phdr *phdr = &check->phdrs[i];
		uint64_t at;

		if (phdr->p_type == PT_LOAD || phdr->p_type == PT_GNU_STACK ||
		    phdr->p_type == PT_NULL)
			continue;
		if (!segment_offset(check, phdr->p_vaddr, phdr->p_filesz, &at))
			find(check, rule, phdr_offset(check, phdr), "inside PT_LOAD",
			     text("%#llx, %llu bytes", (unsigned long long)phdr->p_vaddr,
			          (unsigned long long)phdr->p_filesz).s,
			     "segment %llu (type %#x) is not mapped", (unsigned long long)i,
			     phdr->p_type);
		else if (file_offset(check, at) != phdr->p_offset)
			find(check, rule, phdr_offset(check, phdr) + offsetof(Elf64_Phdr, p_offset),
			     hex(file_offset(check, at)).s, hex(phdr->p_offset).s,
			     "segment %llu (type %#x): address and offset in the file differ",
			     (unsigned long long)i, phdr->p_type);
	}
}

static void known(struct check *check, const struct rule *rule)
{
	for (uint64_t i = 0; i < check->phdr_count; i++) {
		switch (check->phdrs[i].p_type) {
		case PT_NULL: /* left out: means nothing to anybody */
		case PT_LOAD:
		case PT_DYNAMIC:
		case PT_NOTE:
		case PT_GNU_EH_FRAME:
		case PT_GNU_STACK:
		case PT_GNU_PROPERTY:
		case PT_TLS:    /* rule tls */
		case PT_INTERP: /* rule interp */
			break;
		default:
			find(check, rule, phdr_offset(check, &check->phdrs[i]),
			     "LOAD, DYNAMIC, NOTE, GNU_EH_FRAME, GNU_STACK, GNU_PROPERTY",
			     hex(check->phdrs[i].p_type).s,
			     "a segment of a kind that no consumer of a vDSO acts on");
		}
	}
}

static void tls(struct check *check, const struct rule *rule)
{
	const Elf64_Phdr *phdr = phdr_find(check, PT_TLS);

	if (phdr)
		find(check, rule, phdr_offset(check, phdr), "none", "PT_TLS",
		     "thread-local data: glibc stops the program when it sees the segment");
}

static void interp(struct check *check, const struct rule *rule)
{
	const Elf64_Phdr *phdr = phdr_find(check, PT_INTERP);

	if (phdr)
		find(check, rule, phdr_offset(check, phdr), "none", "PT_INTERP",
		     "an image is not a program and has no interpreter");
}

static void stack(struct check *check, const struct rule *rule)
{
	const Elf64_Phdr *phdr = phdr_find(check, PT_GNU_STACK);

	if (!phdr)
		find(check, rule, check->ehdr.e_phoff, "PT_GNU_STACK", "none",
		     "without it old loaders take the stack for executable");
	else if (phdr->p_flags & PF_X)
		find(check, rule, phdr_offset(check, phdr) + offsetof(Elf64_Phdr, p_flags),
		     "6 (read, write)", num(phdr->p_flags).s, "asks for an executable stack");
}

const struct rule rules_segment[] = {
	{ { "load.whole", "There is a PT_LOAD and the file holds all of it",
	    "Linux vdso2c: file at least as long as PT_LOAD", ERROR, ERROR },
	  PART_ELF, whole },
	{ { "load.single", "Exactly one PT_LOAD",
	    "musl takes the last one, glibc the first", ERROR, ERROR }, PART_LOAD, single },
	{ { "load.base", "Linked at address 0",
	    "link_map users and auxv parsers break otherwise", ERROR, ERROR },
	  PART_LOAD, base },
	{ { "load.offset", "The segment starts at offset 0 of the file",
	    "Linux vdso2c", ERROR, ERROR }, PART_LOAD, offset },
	{ { "load.memsz", "p_memsz equals p_filesz",
	    "Linux vdso2c", ERROR, ERROR }, PART_LOAD, memsz },
	{ { "load.flags", "Readable and executable, never writable",
	    "Linux vdso-layout.lds.S: FLAGS(5)", ERROR, ERROR }, PART_LOAD, flags },
	{ { "load.align", "Aligned to one page",
	    "Linux vDSO Makefile: -z max-page-size=4096", ERROR, ERROR }, PART_LOAD, align },
	{ { "phdr.inside", "Every other segment lies inside PT_LOAD, offset equals address",
	    "parsers read them from the mapped image", ERROR, ERROR }, PART_LOAD, inside },
	{ { "phdr.known", "No segment of an unexpected kind",
	    "Linux vdso-layout.lds.S lists all that there are", WARNING, NOTE }, PART_ELF, known },
	{ { "phdr.stack", "PT_GNU_STACK, not executable",
	    "Linux vDSO Makefile: -z noexecstack; kernels before 2026 lack it", ERROR, NOTE },
	  PART_ELF, stack },
	{ { "tls", "No thread-local data",
	    "glibc elf/setup-vdso.h asserts it", ERROR, ERROR }, PART_ELF, tls },
	{ { "interp", "No PT_INTERP", "an image is no program", ERROR, ERROR }, PART_ELF, interp },
	{ { NULL } },
};
