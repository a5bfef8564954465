/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

static void find_symbols(struct object *object)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(object->elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB &&
		    header.sh_entsize) {
			object->symbols = section;
			object->symbol_count = header.sh_size / header.sh_entsize;
			object->symbol_names = header.sh_link;
			return;
		}
}

static int look(struct object *object, struct vdk_report *report)
{
	GElf_Ehdr header;

	if (elf_kind(object->elf) != ELF_K_ELF || !gelf_getehdr(object->elf, &header))
		return vdk_report_set(report, -ENOEXEC, object->path,
		                      "not an ELF object (an archive, or made by clang -flto?); "
		                      "compile it with the flags of `vdk flags --cflags`");
	if (header.e_type != ET_REL || header.e_machine != EM_X86_64 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64)
		return vdk_report_set(report, -ENOEXEC, object->path,
		                      "not a 64-bit x86-64 object: expected type %d, machine %d, "
		                      "class %d, found %d, %d, %d",
		                      ET_REL, EM_X86_64, ELFCLASS64, header.e_type,
		                      header.e_machine, header.e_ident[EI_CLASS]);
	if (elf_getshdrstrndx(object->elf, &object->section_names))
		return vdk_report_set(report, -ENOEXEC, object->path,
		                      "the section names cannot be read: %s", elf_errmsg(-1));
	find_symbols(object);
	return 0;
}

int object_open(struct object *object, const char *path, const char *source,
                struct vdk_report *report)
{
	int error;

	*object = (struct object){.fd = -1, .path = strdup(path), .source = strdup(source)};
	if (!object->path || !object->source)
		error = -ENOMEM;
	else if ((object->fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		error = vdk_report_set(report, -errno, path, "%m");
	else if (elf_version(EV_CURRENT) == EV_NONE ||
	         !(object->elf = elf_begin(object->fd, ELF_C_READ, NULL)))
		error = vdk_report_set(report, -ENOEXEC, path, "not readable as an object: %s",
		                       elf_errmsg(-1));
	else
		error = look(object, report);
	if (error)
		object_close(object);
	return error;
}

void object_close(struct object *object)
{
	if (object->elf)
		elf_end(object->elf);
	vdk_closep(&object->fd);
	free(object->path);
	free(object->source);
	*object = (struct object){.fd = -1};
}

bool object_section(const struct object *object, Elf_Scn *section, GElf_Shdr *ret_header,
                    const char **ret_name)
{
	const char *name;

	if (!section || !gelf_getshdr(section, ret_header))
		return false;
	name = elf_strptr(object->elf, object->section_names, ret_header->sh_name);
	*ret_name = name ? name : "";
	return true;
}

bool object_symbol(const struct object *object, size_t index, GElf_Sym *ret_symbol,
                   const char **ret_name)
{
	Elf_Data *data;
	const char *name;

	if (!object->symbols || index >= object->symbol_count)
		return false;
	data = elf_getdata(object->symbols, NULL);
	if (!data || !gelf_getsym(data, index, ret_symbol))
		return false;
	name = elf_strptr(object->elf, object->symbol_names, ret_symbol->st_name);
	*ret_name = name ? name : "";
	return true;
}

const char *object_covering(const struct object *object, size_t section, uint64_t offset,
                            int type)
{
	const char *name;
	GElf_Sym symbol;

	for (size_t i = 1; object_symbol(object, i, &symbol, &name); i++)
		if (symbol.st_shndx == section && GELF_ST_TYPE(symbol.st_info) == type && *name &&
		    offset >= symbol.st_value && offset - symbol.st_value < symbol.st_size)
			return name;
	return NULL;
}

const char *object_first_user(const struct object *object, size_t index)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(object->elf, section))) {
		Elf_Data *data;
		GElf_Rela entry;
		const char *user;

		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_RELA)
			continue;
		data = elf_getdata(section, NULL);
		for (int i = 0; data && gelf_getrela(data, i, &entry); i++) {
			if (GELF_R_SYM(entry.r_info) != index)
				continue;
			user = object_covering(object, header.sh_info, entry.r_offset, STT_FUNC);
			if (user)
				return user;
		}
	}
	return NULL;
}
