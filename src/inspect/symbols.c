/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The dynamic symbols of an image, with their versions. */
#include <vdk/inspect.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "inspect/elf-view.h"

#define VERSIONS_MAX 0x8000u /* an index has 15 bits */

struct parse {
	struct elf elf;
	char *strings;            /* a copy, printable, with a NUL behind it */
	const char **versions;    /* VERSIONS_MAX names, by index */
	struct vdk_symbols *symbols;
};

static const char *string_at(const struct parse *parse, uint64_t offset)
{
	return offset < parse->elf.strings_size ? parse->strings + offset : "";
}

static void set_version(struct parse *parse, uint32_t index, uint64_t name)
{
	index &= VERSIONS_MAX - 1;
	if (index > 1 && !parse->versions[index])
		parse->versions[index] = string_at(parse, name);
}

/* DT_VERDEF: each record names the next, forwards only, and no more than there may be. */
static void read_definitions(struct parse *parse)
{
	const struct view *file = &parse->elf.file;
	uint64_t at = parse->elf.definitions;
	Elf64_Verdef definition;
	Elf64_Verdaux name;

	for (uint64_t i = 0; at && i < parse->elf.definition_count && i < VERSIONS_MAX; i++) {
		if (!view_read(file, at, &definition, sizeof(definition)))
			return;
		if (!(definition.vd_flags & VER_FLG_BASE) &&
		    view_read(file, at + definition.vd_aux, &name, sizeof(name)))
			set_version(parse, definition.vd_ndx, name.vda_name);
		if (definition.vd_next == 0)
			return;
		at += definition.vd_next;
	}
}

/* DT_VERNEED: files, and for each the versions that are needed of it. */
static void read_needs(struct parse *parse)
{
	const struct view *file = &parse->elf.file;
	uint64_t at = parse->elf.needs;
	uint32_t budget = VERSIONS_MAX;
	Elf64_Verneed need;
	Elf64_Vernaux version;

	for (uint64_t i = 0; at && i < parse->elf.need_count && budget; i++) {
		uint64_t aux;

		if (!view_read(file, at, &need, sizeof(need)))
			return;
		aux = at + need.vn_aux;
		for (unsigned int j = 0; j < need.vn_cnt && budget; j++, budget--) {
			if (!view_read(file, aux, &version, sizeof(version)))
				break;
			set_version(parse, version.vna_other, version.vna_name);
			if (version.vna_next == 0)
				break;
			aux += version.vna_next;
		}
		if (need.vn_next == 0)
			return;
		at += need.vn_next;
		budget -= budget != 0;
	}
}

static void take_symbol(struct parse *parse, uint64_t index, const Elf64_Sym *from,
                        struct vdk_symbol *to)
{
	uint16_t version = 0;
	uint64_t offset;

	*to = (struct vdk_symbol){
		.name = string_at(parse, from->st_name), .version = "",
		.value = from->st_value, .size = from->st_size,
		.type = ELF64_ST_TYPE(from->st_info), .binding = ELF64_ST_BIND(from->st_info),
		.visibility = ELF64_ST_VISIBILITY(from->st_other), .section = from->st_shndx,
	};
	if (parse->elf.versions &&
	    view_read(&parse->elf.file, parse->elf.versions + 2 * index, &version, 2)) {
		const char *name = parse->versions[version & (VERSIONS_MAX - 1)];

		to->version = name ? name : "";
		to->hidden = version & VERSIONS_MAX || from->st_shndx == SHN_UNDEF;
	}
	/* Its whole body must be there. */
	if (from->st_shndx != SHN_UNDEF && from->st_shndx != SHN_ABS &&
	    elf_offset(&parse->elf, from->st_value, &offset) &&
	    view_has(&parse->elf.file, offset, from->st_size))
		to->offset = (size_t)offset;
}

static void read_build_id(const struct elf *elf, char *text, size_t size)
{
	for (unsigned int i = 0; i < elf->phdr_count; i++) {
		const struct view part = view_part(&elf->file, elf->phdrs[i].p_offset,
		                                   elf->phdrs[i].p_filesz);
		Elf64_Nhdr note;

		for (uint64_t at = 0; elf->phdrs[i].p_type == PT_NOTE &&
		                      view_read(&part, at, &note, sizeof(note));) {
			const uint64_t name = at + sizeof(note);
			const uint64_t desc = name + (((uint64_t)note.n_namesz + 3) & ~UINT64_C(3));
			uint8_t bytes[32];

			if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
			    view_has(&part, name, 4) && !memcmp(part.bytes + name, "GNU", 4) &&
			    note.n_descsz <= sizeof(bytes) &&
			    view_read(&part, desc, bytes, note.n_descsz)) {
				for (uint32_t j = 0; j < note.n_descsz && 2 * j + 2 < size; j++)
					snprintf(text + 2 * j, 3, "%02x", bytes[j]);
				return;
			}
			at = desc + (((uint64_t)note.n_descsz + 3) & ~UINT64_C(3));
		}
	}
}

/* Names reach terminals: nothing in them may be a command. A name can begin inside of another, too. */
static void copy_strings(struct parse *parse)
{
	const struct elf *elf = &parse->elf;

	memcpy(parse->strings, elf->file.bytes + elf->strings, elf->strings_size);
	for (uint64_t i = 0; i < elf->strings_size; i++)
		if (parse->strings[i] && (parse->strings[i] < ' ' || parse->strings[i] > '~'))
			parse->strings[i] = '?';
}

int vdk_symbols_parse(const uint8_t *bytes, size_t size, const char *object,
                      struct vdk_symbols **ret_symbols, struct vdk_report *report)
{
	vdk_cleanup_free const char **versions = calloc(VERSIONS_MAX, sizeof(*versions));
	struct parse parse = {.versions = versions};
	struct vdk_symbols *symbols;
	uint64_t count;
	Elf64_Sym symbol;
	int error;

	if (!versions)
		return vdk_report_set(report, -ENOMEM, object, "out of memory");
	error = elf_open(bytes, size, object, &parse.elf, report);
	if (error)
		return error;
	count = elf_symbol_count(&parse.elf);
	/* Each symbol takes 16 bytes of the image at least. */
	if (count > size / sizeof(Elf32_Sym) || (count && !elf_symbol(&parse.elf, count - 1, &symbol)))
		return vdk_report_set(report, -ENOEXEC, object,
		                      "expected a symbol table within %zu bytes, found %" PRIu64
		                      " symbols from %#" PRIx64 " on", size, count,
		                      parse.elf.symbols);
	symbols = calloc(1, sizeof(*symbols) + count * sizeof(struct vdk_symbol) +
	                            parse.elf.strings_size + 1);
	if (!symbols)
		return vdk_report_set(report, -ENOMEM, object, "out of memory");
	symbols->symbols = (struct vdk_symbol *)(symbols + 1);
	symbols->bits = parse.elf.wide ? 64 : 32;
	parse.strings = (char *)(symbols->symbols + count);
	copy_strings(&parse);
	read_definitions(&parse);
	read_needs(&parse);
	/* The first is none by definition. */
	for (uint64_t i = 1; i < count; i++)
		if (elf_symbol(&parse.elf, i, &symbol))
			take_symbol(&parse, i, &symbol, &symbols->symbols[symbols->count++]);
	snprintf(symbols->soname, sizeof(symbols->soname), "%s",
	         parse.elf.soname ? string_at(&parse, parse.elf.soname) : "");
	read_build_id(&parse.elf, symbols->build_id, sizeof(symbols->build_id));
	*ret_symbols = symbols;
	return 0;
}

struct vdk_symbols *vdk_symbols_free(struct vdk_symbols *symbols)
{
	free(symbols);
	return NULL;
}
