/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "debuginfo.h"

#include <dwarf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

/*
 * An object's debug information is full of relocations; libdwfl applies them when it is told that
 * the file is not a running program's ("offline").
 */
static const Dwfl_Callbacks callbacks = {
        .find_elf = dwfl_build_id_find_elf,
        .find_debuginfo = dwfl_standard_find_debuginfo,
        .section_address = dwfl_offline_section_address,
};

int debuginfo_open(struct debuginfo *info, const char *path, struct vdk_report *report)
{
	struct debuginfo opened = {0};
	Dwfl_Module *module = NULL;
	Dwarf_Addr bias;

	opened.session = dwfl_begin(&callbacks);
	if (opened.session)
		module = dwfl_report_offline(opened.session, "", path, -1);
	if (module && !dwfl_report_end(opened.session, NULL, NULL))
		opened.dwarf = dwfl_module_getdwarf(module, &bias);
	if (!opened.dwarf) {
		vdk_report_set(report, -ENOEXEC, path, "no debug information: %s",
		               dwfl_errmsg(-1));
		debuginfo_close(&opened);
		return -ENOEXEC;
	}
	*info = opened;
	return 0;
}

void debuginfo_close(struct debuginfo *info)
{
	const int saved = errno;

	if (info->session)
		dwfl_end(info->session);
	*info = (struct debuginfo){0};
	errno = saved;
}

int debuginfo_each(const struct debuginfo *info, int tag,
                   int (*visit)(Dwarf_Die *die, void *data), void *data)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die top, die;
	int result = 0;

	while (!result && !dwarf_get_units(info->dwarf, unit, &unit, NULL, NULL, &top, NULL)) {
		int next = dwarf_child(&top, &die);

		for (; !next && !result; next = dwarf_siblingof(&die, &die))
			if (dwarf_tag(&die) == tag)
				result = visit(&die, data);
	}
	return result;
}

/* Typedefs of typedefs: more than any source has. */
#define TYPE_CHAIN_MAX 256

bool debuginfo_type(Dwarf_Die *die, Dwarf_Die *ret_type)
{
	Dwarf_Attribute attribute;
	Dwarf_Die type;

	if (!dwarf_attr_integrate(die, DW_AT_type, &attribute) ||
	    !dwarf_formref_die(&attribute, &type))
		return false;
	/* A damaged file may lead round in a circle. */
	for (int i = 0; i < TYPE_CHAIN_MAX; i++) {
		const int tag = dwarf_tag(&type);

		if (tag != DW_TAG_typedef && tag != DW_TAG_const_type &&
		    tag != DW_TAG_volatile_type) {
			*ret_type = type;
			return true;
		}
		if (!dwarf_attr_integrate(&type, DW_AT_type, &attribute) ||
		    !dwarf_formref_die(&attribute, &type))
			return false;
	}
	return false;
}

bool debuginfo_number(Dwarf_Die *die, unsigned int attribute, Dwarf_Word *ret_value)
{
	Dwarf_Attribute found;
	Dwarf_Word value;

	if (!dwarf_attr_integrate(die, attribute, &found) || dwarf_formudata(&found, &value))
		return false;
	*ret_value = value;
	return true;
}

bool debuginfo_offset(Dwarf_Die *member, Dwarf_Word *ret_offset)
{
	if (dwarf_hasattr(member, DW_AT_bit_size) || dwarf_hasattr(member, DW_AT_data_bit_offset) ||
	    dwarf_hasattr(member, DW_AT_bit_offset))
		return false;
	return debuginfo_number(member, DW_AT_data_member_location, ret_offset);
}

const char *debuginfo_name(Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);

	return name ? name : "";
}

int debuginfo_dimensions(Dwarf_Die *array, Dwarf_Word *ret_lengths, int size)
{
	Dwarf_Die child;
	int count = 0;
	int next = dwarf_child(array, &child);

	for (; !next; next = dwarf_siblingof(&child, &child)) {
		Dwarf_Word length;

		if (dwarf_tag(&child) != DW_TAG_subrange_type)
			continue;
		if (count == size)
			return -E2BIG;
		if (debuginfo_number(&child, DW_AT_upper_bound, &length))
			length++;
		else if (!debuginfo_number(&child, DW_AT_count, &length))
			return -EDOM;
		if (!length)
			return -EDOM;
		ret_lengths[count++] = length;
	}
	return count ? count : -EDOM;
}
