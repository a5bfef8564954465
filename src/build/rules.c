/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/format.h>

/* What the linker script and sdk/ define. */
static const char *const provided[] = {"vdk_process",          "memcpy",  "memmove",
                                       "memset",               "memcmp",  "_DYNAMIC",
                                       "_GLOBAL_OFFSET_TABLE_", "__ehdr_start", NULL};

/* Symbols that tell how the code was compiled, by prefix; the longest that fits comes first. */
static const struct {
	const char *prefix;
	const char *meaning;
} telltales[] = {
        {"__stack_chk_", "a stack protector, whose canary is thread-local data that Go's threads "
                         "do not have"},
        {"__asan_", "the address sanitizer"},
        {"__ubsan_", "the undefined behaviour sanitizer"},
        {"__tsan_", "the thread sanitizer"},
        {"__sanitizer_", "a sanitizer"},
        {"__gcov_", "coverage counters"},
        {"__llvm_prof", "profiling counters"},
        {"__fentry__", "-pg"},
        {"mcount", "-pg"},
        {"__cyg_profile_", "-finstrument-functions"},
        {"__gnu_lto_", "-flto"},
};

static int compare(const void *a, const void *b)
{
	return strcmp(a, *(const char *const *)b);
}

static bool among(const struct list *sorted, const char *name)
{
	return sorted->count && bsearch(name, sorted->items, sorted->count, sizeof(*sorted->items),
	                                compare) != NULL;
}

static bool is_record(const struct layout *layout, const char *name)
{
	for (size_t i = 0; i < layout->record_count; i++)
		if (!strcmp(layout->records[i].name, name))
			return true;
	return false;
}

static bool is_provided(const struct layout *layout, const char *name)
{
	for (int i = 0; provided[i]; i++)
		if (!strcmp(provided[i], name))
			return true;
	if (!strncmp(name, "vdk_record_", 11))
		return is_record(layout, name + 11);
	if (!strcmp(name, "vdk_page"))
		return layout->record_count > 0;
	/* The chain stubs are in the image under these names. */
	return standard_function(name) >= 0;
}

static int check_telltale(const struct object *object, size_t index, const char *name,
                          struct vdk_report *report)
{
	const char *user;

	for (size_t i = 0; i < sizeof(telltales) / sizeof(telltales[0]); i++) {
		if (strncmp(name, telltales[i].prefix, strlen(telltales[i].prefix)))
			continue;
		user = object_first_user(object, index);
		return vdk_report_set(report, -EINVAL, object->source,
		                      "%s%s was compiled with %s (it uses %s); compile with the "
		                      "flags of `vdk flags --cflags`",
		                      user ? "function " : "the object", user ? user : "",
		                      telltales[i].meaning, name);
	}
	return 0;
}

int rules_flags(const struct object *object, struct vdk_report *report)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	const char *name;
	GElf_Sym symbol;
	int error = 0;

	while ((section = elf_nextscn(object->elf, section)))
		if (object_section(object, section, &header, &name) &&
		    !strncmp(name, ".gnu.lto_", 9))
			return vdk_report_set(report, -EINVAL, object->source,
			                      "compiled with -flto: there is no code in it yet; "
			                      "compile with the flags of `vdk flags --cflags`");
	for (size_t i = 1; !error && object_symbol(object, i, &symbol, &name); i++)
		if (symbol.st_shndx == SHN_UNDEF)
			error = check_telltale(object, i, name, report);
	return error;
}

static int complain_undefined(const struct object *object, size_t index, const char *name,
                              struct vdk_report *report)
{
	const char *user = object_first_user(object, index);
	const char *in = user ? "function " : "the object", *where = user ? user : "";

	if (!strncmp(name, "vdk_record_", 11))
		return vdk_report_set(report, -EINVAL, object->source,
		                      "%s%s reads record %s, but no page header of this build "
		                      "declares it; add its NAME.page.h to the folder or name it "
		                      "with --page",
		                      in, where, name + 11);
	if (!strcmp(name, "vdk_page"))
		return vdk_report_set(report, -EINVAL, object->source,
		                      "%s%s asks about the page, but this vDSO has no record and "
		                      "so no page",
		                      in, where);
	if (!strcmp(name, "__tls_get_addr") || !strncmp(name, "__emutls_", 9))
		return vdk_report_set(report, -EINVAL, object->source,
		                      "%s%s uses thread-local data (%s); a vDSO has none", in, where,
		                      name);
	if (!strcmp(name, "__errno_location"))
		return vdk_report_set(report, -EINVAL, object->source,
		                      "%s%s uses errno; return the negative errno value instead", in,
		                      where);
	return vdk_report_set(report, -EINVAL, object->source,
	                      "%s%s uses %s, which none of the sources defines; there is no libc "
	                      "inside of a vDSO",
	                      in, where, name);
}

static int complain_exported(const struct object *object, const char *name,
                             struct vdk_report *report)
{
	const char *plain = strncmp(name, "__vdso_", 7) ? name : name + 7;

	return vdk_report_set(report, -EINVAL, object->source,
	                      "%s is defined to be seen from outside but not by VDK_FUNCTION(); "
	                      "write VDK_FUNCTION(TYPE, %s, (PARAMETERS)), or make a helper static "
	                      "(an object of your own: compile it with `vdk flags --cflags`)",
	                      name, plain);
}

static int check_symbol(const struct object *object, size_t index, const GElf_Sym *symbol,
                        const char *name, const struct exports *exports,
                        const struct layout *layout, const struct list *defined,
                        struct vdk_report *report)
{
	const int type = GELF_ST_TYPE(symbol->st_info), bind = GELF_ST_BIND(symbol->st_info);

	if (symbol->st_shndx == SHN_UNDEF)
		return !*name || among(defined, name) || is_provided(layout, name)
		               ? 0
		               : complain_undefined(object, index, name, report);
	if (type == STT_GNU_IFUNC)
		return vdk_report_set(report, -EINVAL, object->source,
		                      "%s is resolved at load time (ifunc), which nobody does for a "
		                      "vDSO; choose inside the function",
		                      name);
	if (bind == STB_LOCAL || exports_contain(exports, name))
		return 0;
	if (GELF_ST_VISIBILITY(symbol->st_other) == STV_DEFAULT || !strncmp(name, "__vdso_", 7) ||
	    standard_function(name) >= 0)
		return complain_exported(object, name, report);
	return 0;
}

/* The first variable in a section, for messages. */
static const char *first_variable(const struct object *object, size_t section)
{
	const char *name;
	GElf_Sym symbol;

	for (size_t i = 1; object_symbol(object, i, &symbol, &name); i++)
		if (symbol.st_shndx == section && *name && symbol.st_size &&
		    (GELF_ST_TYPE(symbol.st_info) == STT_OBJECT ||
		     GELF_ST_TYPE(symbol.st_info) == STT_TLS))
			return name;
	return NULL;
}

/*
 * A static variable inside of a function is NAME.NUMBER to gcc and FUNCTION.NAME to clang: the
 * author's name for it, as far as one can tell.
 */
static void plain_name(const char *symbol, char *ret_name, size_t size)
{
	const char *dot = symbol ? strchr(symbol, '.') : NULL;

	if (!symbol)
		snprintf(ret_name, size, "unnamed data");
	else if (dot && dot[1] && !strchr("0123456789", dot[1]))
		plain_name(dot + 1, ret_name, size);
	else
		snprintf(ret_name, size, "%.*s", dot ? (int)(dot - symbol) : (int)size, symbol);
}

static int complain_writable(const struct object *object, const char *section, const char *symbol,
                             bool thread_local_data, struct vdk_report *report)
{
	char variable[VDK_NAME_MAX + 1];

	plain_name(symbol, variable, sizeof(variable));
	if (!strncmp(section, ".init_array", 11) || !strncmp(section, ".fini_array", 11) ||
	    !strncmp(section, ".ctors", 6) || !strncmp(section, ".dtors", 6))
		return vdk_report_set(report, -EINVAL, object->source,
		                      "defines a constructor or destructor (section %s), and nobody "
		                      "runs those of a vDSO",
		                      section);
	if (thread_local_data)
		return vdk_report_set(report, -EINVAL, object->source,
		                      "defines thread-local data: %s in section %s; a vDSO has none",
		                      variable, section);
	if (!strncmp(section, ".data.rel.ro", 12))
		return vdk_report_set(report, -EINVAL, object->source,
		                      "constant %s holds addresses (section %s), which somebody "
		                      "would have to relocate; use a switch, indexes, or arrays of "
		                      "char arrays",
		                      variable, section);
	return vdk_report_set(report, -EINVAL, object->source,
	                      "defines writable data: %s in section %s; an image is mapped "
	                      "read-only, so make it const, a local variable, or a field of a "
	                      "record",
	                      variable, section);
}

/* An absolute address in data or code needs a loader that relocates, and a vDSO has none. */
static int check_relocations(const struct object *object, Elf_Scn *section,
                             const GElf_Shdr *header, struct vdk_report *report)
{
	Elf_Scn *target = elf_getscn(object->elf, header->sh_info);
	Elf_Data *data = elf_getdata(section, NULL);
	const char *name, *user;
	GElf_Shdr target_header;
	GElf_Rela entry;

	if (!data || !object_section(object, target, &target_header, &name) ||
	    !(target_header.sh_flags & SHF_ALLOC) || !strcmp(name, ".eh_frame"))
		return 0;
	for (int i = 0; gelf_getrela(data, i, &entry); i++) {
		const unsigned long type = GELF_R_TYPE(entry.r_info);

		if (type != R_X86_64_64 && type != R_X86_64_32 && type != R_X86_64_32S)
			continue;
		user = object_covering(object, header->sh_info, entry.r_offset, STT_FUNC);
		if (!user)
			user = object_covering(object, header->sh_info, entry.r_offset, STT_OBJECT);
		return vdk_report_set(report, -EINVAL, object->source,
		                      "%s holds an absolute address (section %s, offset %#lx), "
		                      "which somebody would have to relocate; use -fPIC (see `vdk "
		                      "flags --cflags`) and no tables of pointers",
		                      user ? user : "the object", name,
		                      (unsigned long)entry.r_offset);
	}
	return 0;
}

static int check_section(const struct object *object, Elf_Scn *section, struct vdk_report *report)
{
	const char *name;
	GElf_Shdr header;

	if (!object_section(object, section, &header, &name))
		return 0;
	if (header.sh_type == SHT_RELA)
		return check_relocations(object, section, &header, report);
	if ((header.sh_flags & SHF_ALLOC) && (header.sh_flags & SHF_WRITE) && header.sh_size)
		return complain_writable(object, name,
		                         first_variable(object, elf_ndxscn(section)),
		                         header.sh_flags & SHF_TLS, report);
	return 0;
}

int rules_check(const struct object *object, const struct exports *exports,
                const struct layout *layout, const struct list *defined,
                struct vdk_report *report)
{
	Elf_Scn *section = NULL;
	const char *name;
	GElf_Sym symbol;
	int error = 0;

	while (!error && (section = elf_nextscn(object->elf, section)))
		error = check_section(object, section, report);
	for (size_t i = 1; !error && object_symbol(object, i, &symbol, &name); i++) {
		if (symbol.st_shndx == SHN_COMMON)
			error = complain_writable(object, "COMMON", name, false, report);
		else
			error = check_symbol(object, i, &symbol, name, exports, layout, defined,
			                     report);
	}
	return error;
}

int rules_collect(const struct object *object, struct list *defined)
{
	const char *name;
	GElf_Sym symbol;
	int error = 0;

	for (size_t i = 1; !error && object_symbol(object, i, &symbol, &name); i++)
		if (symbol.st_shndx != SHN_UNDEF && GELF_ST_BIND(symbol.st_info) != STB_LOCAL &&
		    *name)
			error = list_add(defined, "%s", name);
	return error;
}
