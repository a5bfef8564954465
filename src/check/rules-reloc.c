/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Relocations of every kind: an image that needs one crashes at the place it was meant for. */
#include "internal.h"

/* What a rule forbids: some dynamic tags, 0 after the last, and one section type. */
struct kind {
	int64_t tags[4];
	const char *name;
	uint32_t section;
};

enum { RELA, REL, RELR, JMPREL };

static const struct kind kinds[] = {
	[RELA] = { { DT_RELA, DT_RELASZ, DT_RELAENT }, "DT_RELA", SHT_RELA },
	[REL] = { { DT_REL, DT_RELSZ, DT_RELENT }, "DT_REL", SHT_REL },
	[RELR] = { { DT_RELR, DT_RELRSZ, DT_RELRENT }, "DT_RELR", SHT_RELR },
	[JMPREL] = { { DT_JMPREL, DT_PLTRELSZ, DT_PLTREL, DT_PLTGOT }, "DT_JMPREL", SHT_NULL },
};

/*
 * Linkers keep DT_RELA and its fellows with size 0 where the linker script has a place for
 * relocations and there are none; that is no relocation, but parsers that do not look at the size
 * would not know. So the tags alone are a finding.
 */
static void reloc(struct check *check, const struct rule *rule)
{
	const struct kind *kind = &kinds[rule->kind];

	for (int i = 0; i < 4 && kind->tags[i]; i++) {
		const Elf64_Dyn *dyn = dyn_find(check, kind->tags[i]);

		if (!dyn)
			continue;
		find(check, rule, dyn_file_offset(check, dyn), "none",
		     text("%s group, %#llx", kind->name, (unsigned long long)dyn->d_un.d_val).s,
		     "relocations that nobody applies");
		break;
	}
}

/* A section of the kind that is loaded and not empty: linkers may drop the tags and keep it. */
static void sections(struct check *check, const struct rule *rule)
{
	for (size_t i = 0; i < check->section_count; i++) {
		const struct section *section = &check->sections[i];
		const uint32_t type = section->shdr.sh_type;

		if (!(section->shdr.sh_flags & SHF_ALLOC) || !section->shdr.sh_size ||
		    (type != SHT_RELA && type != SHT_REL && type != SHT_RELR))
			continue;
		find(check, rule, section->shdr.sh_offset, "none",
		     text("%s, %llu bytes", quoted(section->name).s,
		          (unsigned long long)section->shdr.sh_size).s,
		     "a section of relocations");
	}
}

static void textrel(struct check *check, const struct rule *rule)
{
	const Elf64_Dyn *tag = dyn_find(check, DT_TEXTREL), *flags = dyn_find(check, DT_FLAGS);

	if (flags && (flags->d_un.d_val & DF_TEXTREL))
		tag = flags;
	if (tag)
		find(check, rule, dyn_file_offset(check, tag), "none", "DT_TEXTREL or DF_TEXTREL",
		     "the code itself would have to be relocated");
}

#define ORIGIN "Linux vdso2c and lib/vdso/Makefile, which miss some"

const struct rule rules_reloc[] = {
	{ { "reloc.rela", "No relocations with addends (DT_RELA)", ORIGIN, ERROR, ERROR },
	  PART_DYNAMIC, reloc, RELA },
	{ { "reloc.rel", "No relocations (DT_REL)", ORIGIN, ERROR, ERROR },
	  PART_DYNAMIC, reloc, REL },
	{ { "reloc.relr", "No relative relocations (DT_RELR)", ORIGIN, ERROR, ERROR },
	  PART_DYNAMIC, reloc, RELR },
	{ { "reloc.jmprel", "No procedure linkage table (DT_JMPREL, DT_PLTGOT)", ORIGIN, ERROR,
	    ERROR }, PART_DYNAMIC, reloc, JMPREL },
	{ { "reloc.textrel", "No text relocations (DT_TEXTREL)", ORIGIN, ERROR, ERROR },
	  PART_DYNAMIC, textrel },
	{ { "reloc.section", "No section of relocations in the loaded image", ORIGIN, ERROR,
	    ERROR }, PART_SECTIONS, sections },
	{ { NULL } },
};
