/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Versions. C libraries look for __vdso_X under LINUX_2.6 and compare the node's hash before its
 * name; Go crashes at start where DT_VERDEF is missing.
 */
#include "internal.h"

static void present(struct check *check, const struct rule *rule)
{
	const bool verdef = check->pointers[POINTER_VERDEF].there;
	const bool versym = check->pointers[POINTER_VERSYM].there;
	const bool number = dyn_find(check, DT_VERDEFNUM) != NULL;

	if (!verdef || !versym || !number)
		find(check, rule, file_offset(check, check->dyn_offset),
		     "DT_VERDEF, DT_VERDEFNUM and DT_VERSYM",
		     text("%s, %s, %s", verdef ? "there" : "missing", number ? "there" : "missing",
		          versym ? "there" : "missing").s,
		     "Go dereferences the version table unasked");
}

static void chain(struct check *check, const struct rule *rule)
{
	problem_report(check, rule, &check->verdefs_problem);
}

static void base(struct check *check, const struct rule *rule)
{
	const struct verdef *first = &check->verdefs[0];
	const Elf64_Dyn *soname = dyn_find(check, DT_SONAME);
	const char *name = soname ? view_string(&check->strings, soname->d_un.d_val) : NULL;

	if (!(first->def.vd_flags & VER_FLG_BASE) || first->def.vd_ndx != VER_NDX_GLOBAL)
		find(check, rule, first->offset, "VER_FLG_BASE, index 1",
		     text("flags %u, index %u", first->def.vd_flags, first->def.vd_ndx).s,
		     "the first definition is not the base");
	else if (name && strcmp(first->name, name) != 0)
		find(check, rule, first->offset, quoted(name).s, quoted(first->name).s,
		     "the base definition does not carry the image's name");
	for (uint32_t i = 1; i < check->verdef_count; i++) {
		const struct verdef *verdef = &check->verdefs[i];

		if ((verdef->def.vd_flags & VER_FLG_BASE) ||
		    verdef_find(check, verdef->def.vd_ndx) != verdef)
			find(check, rule, verdef->offset, "one base, each index once",
			     text("flags %u, index %u", verdef->def.vd_flags,
			          verdef->def.vd_ndx).s,
			     "version definition %u is not to be told from another", i);
	}
}

static void hash(struct check *check, const struct rule *rule)
{
	for (uint32_t i = 0; i < check->verdef_count; i++) {
		const struct verdef *verdef = &check->verdefs[i];
		const uint32_t expected = hash_sysv(verdef->name);

		if (verdef->def.vd_hash != expected)
			find(check, rule, verdef->offset + offsetof(Elf64_Verdef, vd_hash),
			     hex(expected).s, hex(verdef->def.vd_hash).s,
			     "the hash of version %s is wrong", quoted(verdef->name).s);
	}
}

static void node(struct check *check, const struct rule *rule)
{
	for (uint32_t i = 0; i < check->verdef_count; i++) {
		if (!(check->verdefs[i].def.vd_flags & VER_FLG_BASE) &&
		    strcmp(check->verdefs[i].name, "LINUX_2.6") == 0)
			return;
	}
	find(check, rule, check->verdefs[0].offset, "LINUX_2.6", "no such version",
	     "C libraries look for their functions under this version only");
}

static void need(struct check *check, const struct rule *rule)
{
	const Elf64_Dyn *dyn = dyn_find(check, DT_VERNEED);

	if (!dyn)
		dyn = dyn_find(check, DT_VERNEEDNUM);
	if (dyn)
		find(check, rule, dyn_file_offset(check, dyn), "none", "DT_VERNEED",
		     "an image needs no versions of other objects");
}

static void symbol(struct check *check, const struct rule *rule)
{
	for (uint32_t i = 1; i < check->symbol_count; i++) {
		const struct symbol *symbol = &check->symbols[i];
		const struct verdef *verdef = verdef_find(check, symbol->version);

		if (!symbol_exported(check, symbol))
			continue;
		if (symbol->version <= VER_NDX_GLOBAL || !verdef ||
		    (verdef->def.vd_flags & VER_FLG_BASE))
			find(check, rule, symbol->offset, "a version that the image defines",
			     num(symbol->version).s, "symbol %s has no version",
			     quoted(symbol->name).s);
		else if (symbol->version_hidden)
			find(check, rule, symbol->offset, "a default version",
			     quoted(verdef->name).s, "the version of symbol %s is hidden",
			     quoted(symbol->name).s);
	}
}

const struct rule rules_version[] = {
	{ { "verdef.present", "Version definitions and versions of symbols",
	    "elfuse #49: Go crashes without", ERROR, ERROR }, PART_DYNAMIC, present },
	{ { "verdef.chain", "The version definitions lie inside the image and end",
	    "System V ABI (GNU extension); no consumer bounds it", ERROR, ERROR },
	  PART_DYNAMIC, chain },
	{ { "verdef.base", "The base definition is first, alone, and named like the image",
	    "GNU version format; consumers skip the first", ERROR, ERROR }, PART_VERSIONS, base },
	{ { "verdef.hash", "Each definition's hash is that of its name",
	    "glibc compares 0x3ae75f6 for LINUX_2.6", ERROR, ERROR },
	  PART_VERSIONS, hash },
	{ { "verdef.node", "Version LINUX_2.6 is defined", "musl, Go and glibc ask for it", ERROR,
	    ERROR }, PART_VERSIONS, node },
	{ { "verneed", "No versions needed from other objects", "nobody loads other objects for it",
	    ERROR, ERROR }, PART_DYNAMIC, need },
	{ { "sym.version", "Every exported symbol has a default version of the image",
	    "Linux vdso_test_abi looks up by version", ERROR, ERROR },
	  PART_VERSIONS | PART_SYMBOLS, symbol },
	{ { NULL } },
};
