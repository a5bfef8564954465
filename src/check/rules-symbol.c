/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Symbols. What consumers do with one: compare name and version, see that it is a function with a
 * home, add st_value to the link base, and call.
 */
#include "internal.h"

static void table(struct check *check, const struct rule *rule)
{
	static const Elf64_Sym null;

	problem_report(check, rule, &check->symbols_problem);
	for (uint32_t i = 0; i < check->symbol_count; i++) {
		const struct symbol *symbol = &check->symbols[i];

		if (i == 0 && memcmp(&symbol->sym, &null, sizeof(null)) != 0)
			find(check, rule, symbol->offset, "all zero", "something else",
			     "symbol 0 is not the null symbol");
		if (!symbol->name_inside)
			find(check, rule, symbol->offset,
			     text("below %llu", (unsigned long long)check->strings.size).s,
			     num(symbol->sym.st_name).s,
			     "the name of symbol %u lies outside the strings", i);
	}
}

static void undefined(struct check *check, const struct rule *rule)
{
	for (uint32_t i = 1; i < check->symbol_count; i++) {
		const struct symbol *symbol = &check->symbols[i];

		if (symbol->sym.st_shndx == SHN_UNDEF)
			find(check, rule, symbol->offset, "defined in the image", "undefined",
			     "symbol %s would have to come from somewhere else",
			     quoted(symbol->name).s);
	}
}

static void type(struct check *check, const struct rule *rule)
{
	for (uint32_t i = 1; i < check->symbol_count; i++) {
		const struct symbol *symbol = &check->symbols[i];
		const unsigned type = ELF64_ST_TYPE(symbol->sym.st_info);

		if (!symbol_exported(check, symbol) || type == STT_FUNC)
			continue;
		find(check, rule, symbol->offset, "2 (STT_FUNC)", num(type).s,
		     "symbol %s is not a function", quoted(symbol->name).s);
	}
}

static void visibility(struct check *check, const struct rule *rule)
{
	for (uint32_t i = 1; i < check->symbol_count; i++) {
		const struct symbol *symbol = &check->symbols[i];
		const unsigned visibility = ELF64_ST_VISIBILITY(symbol->sym.st_other);

		if (symbol_exported(check, symbol) && visibility != STV_DEFAULT)
			find(check, rule, symbol->offset + offsetof(Elf64_Sym, st_other),
			     "0 (STV_DEFAULT)", num(visibility).s, "symbol %s cannot be seen",
			     quoted(symbol->name).s);
	}
}

static void size(struct check *check, const struct rule *rule)
{
	for (uint32_t i = 1; i < check->symbol_count; i++) {
		const struct symbol *symbol = &check->symbols[i];

		if (symbol_exported(check, symbol) && symbol->sym.st_size == 0)
			find(check, rule, symbol->offset + offsetof(Elf64_Sym, st_size),
			     "the function's length", "0",
			     "debuggers and dladdr do not find %s without a size",
			     quoted(symbol->name).s);
	}
}

/* An address in code: where section headers are, in a section that says so. */
static bool in_code(const struct check *check, uint64_t value, uint64_t size)
{
	bool any = false;

	for (size_t i = 0; i < check->section_count; i++) {
		const Elf64_Shdr *shdr = &check->sections[i].shdr;

		if (!(shdr->sh_flags & SHF_EXECINSTR) || !(shdr->sh_flags & SHF_ALLOC))
			continue;
		any = true;
		if (value >= shdr->sh_addr && value - shdr->sh_addr < shdr->sh_size &&
		    size <= shdr->sh_size - (value - shdr->sh_addr))
			return true;
	}
	return !any;
}

static void range(struct check *check, const struct rule *rule)
{
	for (uint32_t i = 1; i < check->symbol_count; i++) {
		const struct symbol *symbol = &check->symbols[i];
		const Elf64_Sym *sym = &symbol->sym;
		uint64_t at;

		if (!symbol_exported(check, symbol))
			continue;
		if (sym->st_shndx >= SHN_LORESERVE)
			find(check, rule, symbol->offset + offsetof(Elf64_Sym, st_shndx),
			     "a section of the image", hex(sym->st_shndx).s,
			     "glibc would not add the link base to %s", quoted(symbol->name).s);
		else if (!segment_offset(check, sym->st_value, sym->st_size, &at) ||
		         !in_code(check, sym->st_value, sym->st_size))
			find(check, rule, symbol->offset + offsetof(Elf64_Sym, st_value),
			     "inside the image's code",
			     text("%#llx, %llu bytes", (unsigned long long)sym->st_value,
			          (unsigned long long)sym->st_size).s,
			     "function %s lies elsewhere", quoted(symbol->name).s);
	}
}

static void duplicate(struct check *check, const struct rule *rule)
{
	for (uint32_t i = 2; i < check->symbol_count; i++) {
		const struct symbol *symbol = &check->symbols[i];

		for (uint32_t j = 1; j < i && symbol_exported(check, symbol); j++) {
			const struct symbol *other = &check->symbols[j];

			if (other->version != symbol->version ||
			    !symbol_exported(check, other) || strcmp(other->name, symbol->name))
				continue;
			find(check, rule, symbol->offset, "each name and version once",
			     quoted(symbol->name).s, "which one is found depends on the parser");
			break;
		}
	}
}

static const char prefix[] = "__vdso_";

static bool is_strong_name(const char *name)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

static const struct symbol *exported(const struct check *check, const char *before,
                                     const char *name)
{
	const size_t length = strlen(before);

	for (uint32_t i = 1; i < check->symbol_count; i++) {
		const struct symbol *symbol = &check->symbols[i];

		if (strncmp(symbol->name, before, length) == 0 &&
		    strcmp(symbol->name + length, name) == 0 && symbol_exported(check, symbol))
			return symbol;
	}
	return NULL;
}

/* The other half of a pair, and whether the two are alike. */
static void pair(struct check *check, const struct rule *rule)
{
	for (uint32_t i = 1; i < check->symbol_count; i++) {
		const struct symbol *symbol = &check->symbols[i], *other;
		const bool strong = is_strong_name(symbol->name);
		const unsigned bind = ELF64_ST_BIND(symbol->sym.st_info);

		if (!symbol_exported(check, symbol))
			continue;
		other = strong ? exported(check, "", symbol->name + strlen(prefix))
		               : exported(check, prefix, symbol->name);
		if (!other)
			find(check, rule, symbol->offset, "strong __vdso_X and weak X",
			     quoted(symbol->name).s, "the symbol stands alone");
		else if (bind != (strong ? STB_GLOBAL : STB_WEAK))
			find(check, rule, symbol->offset + offsetof(Elf64_Sym, st_info),
			     strong ? "global" : "weak", strong ? "weak" : "global",
			     "symbol %s is bound like its other half", quoted(symbol->name).s);
		else if (strong && (other->sym.st_value != symbol->sym.st_value ||
		                    other->sym.st_size != symbol->sym.st_size ||
		                    other->version != symbol->version))
			find(check, rule, symbol->offset,
			     text("%#llx, %llu bytes, version %u",
			          (unsigned long long)other->sym.st_value,
			          (unsigned long long)other->sym.st_size, other->version).s,
			     text("%#llx, %llu bytes, version %u",
			          (unsigned long long)symbol->sym.st_value,
			          (unsigned long long)symbol->sym.st_size, symbol->version).s,
			     "%s and its weak alias are different functions",
			     quoted(symbol->name).s);
	}
}

#define CHAIN_NAME(name) #name,
static const char *const standard_names[] = { VDK_CHAIN_LIST(CHAIN_NAME) };

static void standard(struct check *check, const struct rule *rule)
{
	for (int i = 0; i < VDK_CHAIN_COUNT; i++) {
		const struct symbol *symbol = exported(check, prefix, standard_names[i]);
		const struct verdef *verdef = symbol ? verdef_find(check, symbol->version) : NULL;

		if (!symbol)
			find(check, rule,
			     file_offset(check, check->pointers[POINTER_SYMTAB].offset),
			     text("__vdso_%s", standard_names[i]).s, "none",
			     "programs silently make the system call instead");
		else if ((check->parts & PART_VERSIONS) && verdef &&
		         strcmp(verdef->name, "LINUX_2.6") != 0)
			find(check, rule, symbol->offset, "LINUX_2.6", quoted(verdef->name).s,
			     "nobody looks for %s under this version", quoted(symbol->name).s);
	}
}

static void getrandom(struct check *check, const struct rule *rule)
{
	if (check->image_note.overrides & 1u << VDK_CHAIN_getrandom)
		find(check, rule, check->image_note_offset +
		                          offsetof(struct vdk_image_note, overrides),
		     "chained to the kernel", "the author's own",
		     "glibc and Go first call it with (0, 0, 0, &params, ~0): it must answer");
}

const struct rule rules_symbol[] = {
	{ { "sym.table", "A symbol table with names, inside the image",
	    "System V ABI, Symbol table; no consumer bounds it", ERROR, ERROR },
	  PART_DYNAMIC, table },
	{ { "sym.undefined", "No undefined symbol",
	    "Linux checkundef.sh: nm must show no U", ERROR, ERROR },
	  PART_SYMBOLS, undefined },
	{ { "sym.type", "Exported symbols are functions (STT_FUNC)",
	    "Linux parse_vdso.c takes nothing else", ERROR, ERROR }, PART_SYMBOLS, type },
	{ { "sym.visibility", "Exported symbols are visible",
	    "System V ABI, Symbol visibility", ERROR, ERROR }, PART_SYMBOLS, visibility },
	{ { "sym.size", "Exported functions have a size", "gdb, perf, dladdr", ERROR, ERROR },
	  PART_SYMBOLS, size },
	{ { "sym.range", "Exported functions lie in the image's code",
	    "consumers add the value to the link base", ERROR, ERROR }, PART_SYMBOLS, range },
	{ { "sym.duplicate", "No exported symbol twice under one version",
	    "Linux vdso2c", ERROR, ERROR }, PART_SYMBOLS, duplicate },
	{ { "sym.pair", "Strong __vdso_X and weak X are one function",
	    "the kernel's own symbols; consumers use either name", ERROR, NOTE },
	  PART_SYMBOLS, pair },
	{ { "sym.standard", "All six standard functions, under LINUX_2.6",
	    "Python and Node silently go to the kernel otherwise", ERROR, NOTE },
	  PART_SYMBOLS, standard },
	{ { "sym.getrandom", "getrandom is chained, or answers the query form",
	    "glibc and Go ask for its parameters first", NOTE, OFF }, PART_NOTE, getrandom },
	{ { NULL } },
};
