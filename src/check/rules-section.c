/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Section headers. Consumers that look functions up do without; gdb, binutils, perf and old Go
 * read them from the mapped image, and what they say of the parts must fit what is mapped.
 */
#include "internal.h"

static void present(struct check *check, const struct rule *rule)
{
	problem_report(check, rule, &check->sections_problem);
}

/* The pages of PT_LOAD are what a debugger sees of the image in memory. */
static void mapped(struct check *check, const struct rule *rule)
{
	const uint64_t size = mapped_size(check);
	const uint64_t end = check->ehdr.e_shoff + check->section_count * sizeof(Elf64_Shdr);
	const Elf64_Shdr *names = NULL;

	if (check->ehdr.e_shstrndx < check->section_count)
		names = &check->sections[check->ehdr.e_shstrndx].shdr;
	if (end > size)
		find(check, rule, check->ehdr.e_shoff,
		     text("below %#llx", (unsigned long long)size).s,
		     text("up to %#llx", (unsigned long long)end).s,
		     "the section headers lie behind the segment's last page");
	else if (names && names->sh_offset + names->sh_size > size)
		find(check, rule, names->sh_offset,
		     text("below %#llx", (unsigned long long)size).s,
		     text("up to %#llx", (unsigned long long)(names->sh_offset + names->sh_size)).s,
		     "the sections' names lie behind the segment's last page");
}

/* A section that says it is loaded must be there, and at the address it says. */
static void inside(struct check *check, const struct rule *rule)
{
	for (size_t i = 1; i < check->section_count; i++) {
		const struct section *section = &check->sections[i];
		const Elf64_Shdr *shdr = &section->shdr;
		uint64_t at;

		if (shdr->sh_type == SHT_NOBITS || shdr->sh_type == SHT_NULL)
			continue;
		if (!view_has(&check->file, shdr->sh_offset, shdr->sh_size))
			find(check, rule, section->offset, "inside the file",
			     text("%#llx, %llu bytes", (unsigned long long)shdr->sh_offset,
			          (unsigned long long)shdr->sh_size).s,
			     "section %s is cut off", quoted(section->name).s);
		else if ((shdr->sh_flags & SHF_ALLOC) && shdr->sh_size &&
		         (!segment_offset(check, shdr->sh_addr, shdr->sh_size, &at) ||
		          file_offset(check, at) != shdr->sh_offset))
			find(check, rule, section->offset, "loaded, address equals offset",
			     text("address %#llx, offset %#llx", (unsigned long long)shdr->sh_addr,
			          (unsigned long long)shdr->sh_offset).s,
			     "section %s is not where it says", quoted(section->name).s);
	}
}

static bool is_writable_name(const char *name)
{
	static const char *const names[] = { ".data", ".bss", ".got", ".got.plt", ".plt", ".tdata",
		                             ".tbss", ".vdk.writable", ".init_array",
		                             ".fini_array", ".ctors", ".dtors" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

/*
 * Linkers call the dynamic section writable, since a loader may fill in DT_DEBUG; nobody does
 * that in a vDSO.
 */
static void writable(struct check *check, const struct rule *rule)
{
	for (size_t i = 1; i < check->section_count; i++) {
		const struct section *section = &check->sections[i];
		const Elf64_Shdr *shdr = &section->shdr;

		if (!(shdr->sh_flags & SHF_ALLOC) || !shdr->sh_size ||
		    shdr->sh_type == SHT_DYNAMIC)
			continue;
		if ((shdr->sh_flags & (SHF_WRITE | SHF_TLS)) || is_writable_name(section->name) ||
		    shdr->sh_type == SHT_NOBITS)
			find(check, rule, shdr->sh_offset, "none",
			     text("%s, %llu bytes", quoted(section->name).s,
			          (unsigned long long)shdr->sh_size).s,
			     "data that somebody means to write is mapped read-only");
	}
}

static void kernel_fixups(struct check *check, const struct rule *rule)
{
	static const char *const names[] = { ".altinstructions", ".altinstr_replacement",
		                             "__ex_table", "__bug_table", ".static_call_sites" };

	for (size_t i = 1; i < check->section_count; i++) {
		for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
			if (strcmp(check->sections[i].name, names[j]) == 0)
				find(check, rule, check->sections[i].shdr.sh_offset, "none",
				     names[j], "only the kernel applies this, to its own image");
		}
	}
}

static void debug(struct check *check, const struct rule *rule)
{
	for (size_t i = 1; i < check->section_count; i++) {
		const struct section *section = &check->sections[i];

		if (strncmp(section->name, ".debug_", 7) == 0 ||
		    strncmp(section->name, ".zdebug_", 8) == 0)
			find(check, rule, section->shdr.sh_offset, "in a file of its own",
			     text("%s, %llu bytes", quoted(section->name).s,
			          (unsigned long long)section->shdr.sh_size).s,
			     "the image carries debugging information into every process");
	}
}

const struct rule rules_section[] = {
	{ { "section.present", "Section headers with names",
	    "binutils (sourceware 17064), old Go", ERROR, NOTE }, PART_ELF, present },
	{ { "section.mapped", "The section headers lie in the segment's pages",
	    "DynamoRIO #3900, gdb", ERROR, NOTE }, PART_LOAD | PART_SECTIONS, mapped },
	{ { "section.inside", "Sections lie where their headers say, loaded ones in the segment",
	    "System V ABI, Sections", ERROR, ERROR }, PART_LOAD | PART_SECTIONS, inside },
	{ { "writable.data", "No data that would be written",
	    "everything is mapped read-only", ERROR, NOTE }, PART_SECTIONS, writable },
	{ { "section.kernel", "No tables that only the kernel applies",
	    "Linux vma.c: fix-ups work in its own image only", ERROR, NOTE },
	  PART_SECTIONS, kernel_fixups },
	{ { "section.debug", "Debugging information lies in a file of its own",
	    "Linux vdso2c takes the stripped image", WARNING, NOTE }, PART_SECTIONS, debug },
	{ { NULL } },
};
