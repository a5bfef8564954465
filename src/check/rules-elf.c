/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ELF header: what every parser looks at before it goes on. */
#include "internal.h"

static void ident(struct check *check, const struct rule *rule)
{
	problem_report(check, rule, &check->ident);
}

/* glibc accepts SYSV and GNU, and no other value in an object that it enters in its link map. */
static void osabi(struct check *check, const struct rule *rule)
{
	const uint8_t abi = check->ehdr.e_ident[EI_OSABI];
	const uint8_t version = check->ehdr.e_ident[EI_ABIVERSION];

	if ((abi != ELFOSABI_SYSV && abi != ELFOSABI_GNU) || version != 0)
		find(check, rule, EI_OSABI, "0 or 3, version 0",
		     text("%u, version %u", abi, version).s, "made for another operating system");
}

static void machine(struct check *check, const struct rule *rule)
{
	if (check->ehdr.e_machine != EM_X86_64)
		find(check, rule, offsetof(Elf64_Ehdr, e_machine), "62 (x86-64)",
		     num(check->ehdr.e_machine).s, "made for another machine");
}

static void type(struct check *check, const struct rule *rule)
{
	if (check->ehdr.e_type != ET_DYN)
		find(check, rule, offsetof(Elf64_Ehdr, e_type), "3 (ET_DYN)",
		     num(check->ehdr.e_type).s, "not a shared object");
}

static void header(struct check *check, const struct rule *rule)
{
	if (check->ehdr.e_ehsize != sizeof(Elf64_Ehdr))
		find(check, rule, offsetof(Elf64_Ehdr, e_ehsize), num(sizeof(Elf64_Ehdr)).s,
		     num(check->ehdr.e_ehsize).s, "the header's size is wrong");
	if (check->ehdr.e_flags)
		find(check, rule, offsetof(Elf64_Ehdr, e_flags), "0", hex(check->ehdr.e_flags).s,
		     "x86-64 defines no processor flags");
}

static void phdr_table(struct check *check, const struct rule *rule)
{
	problem_report(check, rule, &check->phdr_table);
}

const struct rule rules_elf[] = {
	{ { "elf.ident", "A little-endian 64-bit ELF file",
	    "System V ABI, ELF identification", ERROR, ERROR }, 0, ident },
	{ { "elf.osabi", "For System V or GNU, ABI version 0",
	    "glibc elf/dl-load.c, as for any shared object", ERROR, ERROR }, PART_ELF, osabi },
	{ { "elf.machine", "For x86-64",
	    "System V ABI, AMD64 supplement", ERROR, ERROR }, PART_ELF, machine },
	{ { "elf.type", "A shared object (ET_DYN)",
	    "Linux vdso2c", ERROR, ERROR }, PART_ELF, type },
	{ { "elf.header", "Header fields have their only sensible values",
	    "System V ABI, ELF header", ERROR, ERROR }, PART_ELF, header },
	{ { "elf.phdr", "The program headers lie in the file",
	    "every parser walks them; Linux parse_vdso.c does not check", ERROR, ERROR },
	  0, phdr_table },
	{ { NULL } },
};
