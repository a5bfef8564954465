/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The dynamic section and what must not be in it. Nobody relocates an image: glibc enters it in
 * its link map as it is, musl and Go read it in place, all of it mapped read-only.
 */
#include "internal.h"

static void forbid(struct check *check, const struct rule *rule, int64_t tag, const char *name,
                   const char *why)
{
	const Elf64_Dyn *dyn = dyn_find(check, tag);

	if (dyn)
		find(check, rule, dyn_file_offset(check, dyn), "none", name, "%s", why);
}

static void present(struct check *check, const struct rule *rule)
{
	problem_report(check, rule, &check->dynamic);
}

static void pointer(struct check *check, const struct rule *rule)
{
	static const char *const names[POINTER_COUNT] = {
		"DT_HASH", "DT_GNU_HASH", "DT_STRTAB", "DT_SYMTAB", "DT_VERSYM", "DT_VERDEF"
	};

	for (int i = 0; i < POINTER_COUNT; i++) {
		const struct pointer *table = &check->pointers[i];

		if (table->there && !table->inside)
			find(check, rule, table->tag_offset,
			     text("below %#llx", (unsigned long long)check->segment.size).s,
			     hex(table->value).s, "%s does not point into the image", names[i]);
	}
}

/* glibc keeps the last of two equal tags, musl too, Go the last: but a tool may keep the first. */
static void once(struct check *check, const struct rule *rule)
{
	for (uint64_t i = 1; i < check->dyn_count; i++) {
		const Elf64_Dyn *dyn = &check->dyns[i];

		if (dyn->d_tag != DT_NEEDED && dyn_find(check, dyn->d_tag) != dyn)
			find(check, rule, dyn_file_offset(check, dyn), "each tag once",
			     hex((uint64_t)dyn->d_tag).s, "a dynamic tag stands there twice");
	}
}

static void strings(struct check *check, const struct rule *rule)
{
	problem_report(check, rule, &check->strings_problem);
}

static void soname(struct check *check, const struct rule *rule)
{
	static const char expected[] = "linux-vdso.so.1";
	const Elf64_Dyn *dyn = dyn_find(check, DT_SONAME);
	const char *name;

	if (!dyn) {
		find(check, rule, file_offset(check, check->dyn_offset), expected, "none",
		     "the image has no name");
		return;
	}
	name = view_string(&check->strings, dyn->d_un.d_val);
	if (!name || strcmp(name, expected) != 0)
		find(check, rule, dyn_file_offset(check, dyn), expected, quoted(name).s,
		     "programs linked with the image do not find it loaded");
}

static void needed(struct check *check, const struct rule *rule)
{
	forbid(check, rule, DT_NEEDED, "DT_NEEDED", "an image depends on no library");
}

static void runpath(struct check *check, const struct rule *rule)
{
	const int64_t tags[] = { DT_RUNPATH, DT_RPATH };

	for (int i = 0; i < 2; i++) {
		const Elf64_Dyn *dyn = dyn_find(check, tags[i]);

		if (dyn)
			find(check, rule, dyn_file_offset(check, dyn), "none",
			     quoted(view_string(&check->strings, dyn->d_un.d_val)).s,
			     "a run path leaks the build machine's folders and serves nobody");
	}
}

static void constructors(struct check *check, const struct rule *rule)
{
	static const struct {
		int64_t tag;
		const char *name;
	} tags[] = { { DT_INIT, "DT_INIT" },
		     { DT_FINI, "DT_FINI" },
		     { DT_INIT_ARRAY, "DT_INIT_ARRAY" },
		     { DT_FINI_ARRAY, "DT_FINI_ARRAY" },
		     { DT_PREINIT_ARRAY, "DT_PREINIT_ARRAY" } };

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		forbid(check, rule, tags[i].tag, tags[i].name,
		       "nobody runs an image's constructors");
}

static void symbolic(struct check *check, const struct rule *rule)
{
	const Elf64_Dyn *flags = dyn_find(check, DT_FLAGS);

	if (!dyn_find(check, DT_SYMBOLIC) && !(flags && (flags->d_un.d_val & DF_SYMBOLIC)))
		find(check, rule, file_offset(check, check->dyn_offset), "DF_SYMBOLIC", "none",
		     "linked without -Bsymbolic");
}

static void symbol_size(struct check *check, const struct rule *rule)
{
	const Elf64_Dyn *size = dyn_find(check, DT_SYMENT);

	if (!size || size->d_un.d_val != sizeof(Elf64_Sym))
		find(check, rule,
		     size ? dyn_file_offset(check, size) : file_offset(check, check->dyn_offset),
		     num(sizeof(Elf64_Sym)).s, size ? num(size->d_un.d_val).s : "none",
		     "DT_SYMENT does not tell the size of a symbol");
}

const struct rule rules_dynamic[] = {
	{ { "dyn.present", "A dynamic section that ends",
	    "Linux vdso2c; every parser starts from PT_DYNAMIC", ERROR, ERROR },
	  PART_LOAD, present },
	{ { "dyn.pointer", "Table pointers are offsets inside the image",
	    "rr #3066: pre-relocated images break parsers", ERROR, ERROR }, PART_DYNAMIC, pointer },
	{ { "dyn.once", "No dynamic tag twice",
	    "System V ABI, Dynamic section; parsers differ in which one counts", ERROR, ERROR },
	  PART_DYNAMIC, once },
	{ { "dyn.strings", "A string table inside the image, enclosed in NUL bytes",
	    "System V ABI, String table; no consumer bounds it", ERROR, ERROR },
	  PART_DYNAMIC, strings },
	{ { "dyn.soname", "SONAME linux-vdso.so.1",
	    "Linux vdso_test_correctness: dlopen with RTLD_NOLOAD", ERROR, ERROR },
	  PART_DYNAMIC | PART_STRINGS, soname },
	{ { "dyn.needed", "No DT_NEEDED", "nobody loads it", ERROR, ERROR }, PART_DYNAMIC, needed },
	{ { "dyn.runpath", "No DT_RUNPATH, no DT_RPATH",
	    "distributions' kernels leak one", ERROR, NOTE },
	  PART_DYNAMIC, runpath },
	{ { "dyn.init", "No constructors and destructors",
	    "the image is mapped, not loaded", ERROR, ERROR }, PART_DYNAMIC, constructors },
	{ { "dyn.symbolic", "Linked with -Bsymbolic",
	    "Linux vDSO Makefile: -Bsymbolic", WARNING, WARNING }, PART_DYNAMIC, symbolic },
	{ { "dyn.syment", "DT_SYMENT is the size of a symbol",
	    "System V ABI, Dynamic section", ERROR, ERROR }, PART_DYNAMIC, symbol_size },
	{ { NULL } },
};
