/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Debug information back to C. Only types that fields.c lets into a record come here, so there
 * are no pointers, unions and bit-fields to write. Each struct is followed by an assertion of its
 * size: a program whose compiler lays it out in another way is told so and does not misread.
 */
#include "structs.h"

#include <dwarf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "debuginfo.h"

#define DIMENSIONS_MAX 8
#define DEPTH_MAX 32
#define STEPS_MAX (1u << 18)

struct writing {
	FILE *file;
	struct list done; /* tags that were written */
	int depth;        /* of structs within each other */
	unsigned int steps;
	struct vdk_report *report;
};

struct finding {
	const char *tag;
	Dwarf_Die die;
	bool found;
};

static int write_struct(struct writing *writing, Dwarf_Die *type);

static int visit_struct(Dwarf_Die *die, void *data)
{
	struct finding *finding = data;

	if (strcmp(debuginfo_name(die), finding->tag) || dwarf_hasattr(die, DW_AT_declaration))
		return 0;
	finding->die = *die;
	finding->found = true;
	return 1;
}

/* Debug information of a damaged file may have no end. */
static bool enter(struct writing *writing)
{
	writing->depth++;
	return writing->depth <= DEPTH_MAX && ++writing->steps <= STEPS_MAX;
}

static bool contains(const struct list *list, const char *item)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->items[i], item))
			return true;
	return false;
}

/* "int32_t", "char", "double"; @type is a base type or an enumeration. */
static void base_name(Dwarf_Die *type, char *ret_name, size_t size)
{
	const int bytes = dwarf_bytesize(type);
	Dwarf_Word encoding = DW_ATE_unsigned;
	Dwarf_Die underlying;

	if (dwarf_tag(type) == DW_TAG_enumeration_type && debuginfo_type(type, &underlying))
		debuginfo_number(&underlying, DW_AT_encoding, &encoding);
	else
		debuginfo_number(type, DW_AT_encoding, &encoding);
	if (encoding == DW_ATE_boolean)
		snprintf(ret_name, size, "bool");
	else if (encoding == DW_ATE_float)
		snprintf(ret_name, size, bytes == 4 ? "float" : "double");
	else if (!strcmp(debuginfo_name(type), "char"))
		snprintf(ret_name, size, "char");
	else
		snprintf(ret_name, size, "%sint%d_t",
		         encoding == DW_ATE_signed || encoding == DW_ATE_signed_char ? "" : "u",
		         bytes * 8);
}

/* The dimensions of a member's type, and its element type. */
static int peel_arrays(Dwarf_Die *type, Dwarf_Word *lengths)
{
	int count = 0;

	while (dwarf_tag(type) == DW_TAG_array_type) {
		const int more = debuginfo_dimensions(type, lengths + count, DIMENSIONS_MAX - count);

		if (more < 0 || !debuginfo_type(type, type))
			return -EINVAL;
		count += more;
	}
	return count;
}

static int write_members(struct writing *writing, Dwarf_Die *type, int depth);

static int write_member(struct writing *writing, Dwarf_Die *member, int depth)
{
	Dwarf_Word lengths[DIMENSIONS_MAX];
	char base[64];
	Dwarf_Die type;
	int dimensions, error;

	if (!debuginfo_type(member, &type))
		return -EINVAL;
	dimensions = peel_arrays(&type, lengths);
	if (dimensions < 0)
		return dimensions;
	fprintf(writing->file, "%*s", depth * 8, "");
	if (dwarf_tag(&type) != DW_TAG_structure_type) {
		base_name(&type, base, sizeof(base));
		fputs(base, writing->file);
	} else if (*debuginfo_name(&type)) {
		fprintf(writing->file, "struct %s", debuginfo_name(&type));
	} else {
		fputs("struct {\n", writing->file);
		error = write_members(writing, &type, depth + 1);
		if (error)
			return error;
		fprintf(writing->file, "%*s}", depth * 8, "");
	}
	if (*debuginfo_name(member))
		fprintf(writing->file, " %s", debuginfo_name(member));
	for (int i = 0; i < dimensions; i++)
		fprintf(writing->file, "[%llu]", (unsigned long long)lengths[i]);
	fputs(";\n", writing->file);
	return 0;
}

static int write_members(struct writing *writing, Dwarf_Die *type, int depth)
{
	Dwarf_Die member;
	int next = dwarf_child(type, &member), error = enter(writing) ? 0 : -EINVAL;

	for (; !next && !error; next = dwarf_siblingof(&member, &member))
		if (dwarf_tag(&member) == DW_TAG_member)
			error = write_member(writing, &member, depth);
	writing->depth--;
	return error;
}

/* Named structs inside of this one, also those inside of unnamed ones, come before it. */
static int write_inner(struct writing *writing, Dwarf_Die *type)
{
	Dwarf_Word lengths[DIMENSIONS_MAX];
	Dwarf_Die member, inner;
	int next = dwarf_child(type, &member), error = enter(writing) ? 0 : -EINVAL;

	for (; !next && !error; next = dwarf_siblingof(&member, &member)) {
		if (dwarf_tag(&member) != DW_TAG_member || !debuginfo_type(&member, &inner) ||
		    peel_arrays(&inner, lengths) < 0 || dwarf_tag(&inner) != DW_TAG_structure_type)
			continue;
		error = *debuginfo_name(&inner) ? write_struct(writing, &inner)
		                                : write_inner(writing, &inner);
	}
	writing->depth--;
	return error;
}

static int write_struct(struct writing *writing, Dwarf_Die *type)
{
	const char *tag = debuginfo_name(type);
	const int size = dwarf_bytesize(type);
	int error;

	if (contains(&writing->done, tag))
		return 0;
	error = list_add(&writing->done, "%s", tag);
	if (!error)
		error = write_inner(writing, type);
	if (error)
		return error;
	fprintf(writing->file, "struct %s {\n", tag);
	error = write_members(writing, type, 1);
	if (error)
		return vdk_report_set(writing->report, -EINVAL, tag,
		                      "a struct in a prototype that cannot be declared for callers");
	fprintf(writing->file,
	        "};\n"
	        "#ifdef __cplusplus\n"
	        "static_assert(sizeof(struct %s) == %d, \"struct %s: other layout\");\n"
	        "#else\n"
	        "_Static_assert(sizeof(struct %s) == %d, \"struct %s: other layout\");\n"
	        "#endif\n\n",
	        tag, size, tag, tag, size, tag);
	return 0;
}

static int write_tag(struct writing *writing, const struct list *objects, const char *tag)
{
	for (size_t i = 0; i < objects->count; i++) {
		cleanup_debuginfo struct debuginfo info = {0};
		struct finding finding = {.tag = tag};
		int error = debuginfo_open(&info, objects->items[i], writing->report);

		if (error)
			return error;
		debuginfo_each(&info, DW_TAG_structure_type, visit_struct, &finding);
		if (finding.found)
			return write_struct(writing, &finding.die);
	}
	fprintf(writing->file, "struct %s;\n\n", tag);
	return list_add(&writing->done, "%s", tag);
}

int structs_write(FILE *file, const struct list *objects, const struct list *tags,
                  struct vdk_report *report)
{
	struct writing writing = {.file = file, .report = report};
	int error = 0;

	for (size_t i = 0; i < tags->count && !error; i++)
		if (!contains(&writing.done, tags->items[i]))
			error = write_tag(&writing, objects, tags->items[i]);
	list_free(&writing.done);
	return error;
}
