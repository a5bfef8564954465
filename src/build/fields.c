/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a C struct to a flat list of named leaves: nested structs become `outer.inner`, arrays of
 * structs `outer[3].inner`, arrays of plain values stay one field with a count. Whatever has no
 * meaning outside of the process that wrote it, or no description that a decoder in another
 * language could follow, is refused by name.
 */
#include "fields.h"

#include <dwarf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/format.h>
#include <vdk/record.h>

#define DIMENSIONS_MAX 8
#define DEPTH_MAX 32
#define STEPS_MAX (1u << 18) /* a record has at most VDK_FIELDS_MAX fields */

struct walk {
	struct record *record;
	struct vdk_report *report;
	const char *file; /* of the member at hand, for messages */
	int line;
	int depth;
	unsigned int steps; /* values that were looked at, structs and arrays among them */
	char name[VDK_NAME_MAX + 1];
};

static int walk_value(struct walk *walk, Dwarf_Die *type, uint32_t offset);

/* "FILE: line N: record R, field F: PROBLEM" */
static int refuse(const struct walk *walk, const char *problem)
{
	return vdk_report_set(walk->report, -EINVAL, walk->file, "line %d: record %s, field %s: %s",
	                      walk->line, walk->record->name,
	                      *walk->name ? walk->name : "without a name", problem);
}

/* Append to the current name. Return: the length to cut back to, or -EINVAL. */
static int extend(struct walk *walk, const char *format, const char *name, unsigned long index)
{
	const size_t used = strlen(walk->name);
	const size_t room = sizeof(walk->name) - used;
	int length;

	if (name)
		length = snprintf(walk->name + used, room, format, name);
	else
		length = snprintf(walk->name + used, room, format, index);
	if (length < 0 || (size_t)length >= room)
		return refuse(walk, "the flattened name has more than 255 bytes; nest less or "
		                    "use shorter names");
	return (int)used;
}

static int add(struct walk *walk, uint8_t kind, uint32_t offset, uint64_t size, uint64_t count)
{
	struct record *record = walk->record;
	struct field *grown;
	char *name;

	if (record->field_count >= VDK_FIELDS_MAX)
		return vdk_report_set(walk->report, -E2BIG, walk->file,
		                      "line %d: record %s has more than %u fields; use arrays of "
		                      "plain values",
		                      walk->line, record->name, VDK_FIELDS_MAX);
	grown = reallocarray(record->fields, record->field_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	record->fields = grown;
	name = strdup(walk->name);
	if (!name)
		return -ENOMEM;
	record->fields[record->field_count++] = (struct field){
	        .name = name, .offset = offset, .size = size, .count = count, .kind = kind};
	return 0;
}

/* Only `char` is text: int8_t and uint8_t are numbers, although all three are one byte. */
static bool is_text(Dwarf_Die *base)
{
	return !strcmp(debuginfo_name(base), "char");
}

static int base_kind(const struct walk *walk, Dwarf_Die *base, Dwarf_Word size)
{
	Dwarf_Word encoding = 0;

	debuginfo_number(base, DW_AT_encoding, &encoding);
	switch (encoding) {
	case DW_ATE_boolean:
		if (size == 1)
			return VDK_KIND_BOOL;
		break;
	case DW_ATE_float:
		if (size == 4 || size == 8)
			return VDK_KIND_FLOAT;
		return refuse(walk, size < 4 ? "a half-precision float is not a type that every "
		                               "reader can decode; use float"
		                             : "long double and __float128 differ between "
		                               "compilers and languages; use double");
	case DW_ATE_complex_float:
		return refuse(walk, "a complex number has no description in a page; use two "
		                    "fields");
	case DW_ATE_signed:
	case DW_ATE_signed_char:
		if (size <= 8)
			return VDK_KIND_INT;
		return refuse(walk, "__int128 is wider than any reader's integer; use two "
		                    "64-bit fields");
	case DW_ATE_unsigned:
	case DW_ATE_unsigned_char:
	case DW_ATE_UTF:
		if (size <= 8)
			return VDK_KIND_UINT;
		return refuse(walk, "unsigned __int128 is wider than any reader's integer; use two "
		                    "64-bit fields");
	}
	return refuse(walk, "a type that a page has no description for; use integers of 8 to 64 "
	                    "bits, float, double, bool, char arrays or structs of these");
}

/* @count elements (1 for a plain value) of a base type or an enumeration. */
static int walk_base(struct walk *walk, Dwarf_Die *base, uint32_t offset, uint64_t count)
{
	const int size = dwarf_bytesize(base);
	Dwarf_Die underlying;
	int kind;

	if (size <= 0)
		return refuse(walk, "a type without a size");
	if (dwarf_tag(base) == DW_TAG_enumeration_type) {
		if (!debuginfo_type(base, &underlying))
			return add(walk, VDK_KIND_UINT, offset, size, count);
		if (dwarf_tag(&underlying) != DW_TAG_base_type)
			return refuse(walk, "an enumeration of another type than a plain integer");
		return walk_base(walk, &underlying, offset, count);
	}
	kind = base_kind(walk, base, size);
	return kind < 0 ? kind : add(walk, kind, offset, size, count);
}

static int walk_text(struct walk *walk, uint32_t offset, const Dwarf_Word *lengths, int dimensions)
{
	uint64_t count = 1;

	for (int i = 0; i < dimensions - 1; i++)
		count *= lengths[i];
	return add(walk, VDK_KIND_STRING, offset, lengths[dimensions - 1], count);
}

/* Each element by itself: `bid[0][1].price`. */
static int walk_elements(struct walk *walk, Dwarf_Die *element, uint32_t offset,
                         const Dwarf_Word *lengths, int dimensions)
{
	const int size = dwarf_bytesize(element);
	uint64_t stride = size;
	int error = 0;

	if (!dimensions)
		return walk_value(walk, element, offset);
	if (size <= 0 && dwarf_tag(element) == DW_TAG_structure_type)
		return refuse(walk, "an array of structs without a size");
	for (int i = 1; i < dimensions; i++)
		stride *= lengths[i];
	for (uint64_t i = 0; i < lengths[0] && !error; i++) {
		const int cut = extend(walk, "[%lu]", NULL, i);

		if (cut < 0)
			return cut;
		error = walk_elements(walk, element, offset + i * stride, lengths + 1,
		                      dimensions - 1);
		walk->name[cut] = '\0';
	}
	return error;
}

static int walk_array(struct walk *walk, Dwarf_Die *array, uint32_t offset)
{
	Dwarf_Word lengths[DIMENSIONS_MAX];
	uint64_t total = 1;
	int dimensions = 0, tag;
	Dwarf_Die element = *array;

	/* A typedef of an array type inside of an array continues the dimensions. */
	do {
		int more;

		if (dwarf_hasattr(&element, DW_AT_GNU_vector))
			return refuse(walk, "a vector type; use an array");
		more = debuginfo_dimensions(&element, lengths + dimensions,
		                            DIMENSIONS_MAX - dimensions);
		if (more == -E2BIG)
			return refuse(walk, "an array of more than 8 dimensions");
		if (more <= 0)
			return refuse(walk, "an array without a fixed number of elements; a "
			                    "record's size never changes, so give the array its "
			                    "largest length and a field that counts");
		for (int i = dimensions; i < dimensions + more; i++) {
			/* No overflow: the struct of at most VDK_RECORD_MAX bytes holds it. */
			if (lengths[i] > VDK_RECORD_MAX)
				return refuse(walk, "an array larger than a record can be");
			total *= lengths[i];
		}
		dimensions += more;
		if (!debuginfo_type(&element, &element))
			return refuse(walk, "an array without an element type");
	} while (dwarf_tag(&element) == DW_TAG_array_type);
	tag = dwarf_tag(&element);
	if (tag == DW_TAG_base_type && is_text(&element))
		return walk_text(walk, offset, lengths, dimensions);
	if (tag == DW_TAG_base_type || tag == DW_TAG_enumeration_type)
		return walk_base(walk, &element, offset, total);
	return walk_elements(walk, &element, offset, lengths, dimensions);
}

static int walk_member(struct walk *walk, Dwarf_Die *member, uint32_t offset)
{
	const char *name = debuginfo_name(member), *file = dwarf_decl_file(member);
	Dwarf_Word place = 0;
	Dwarf_Die type;
	int cut, error;

	if (file)
		walk->file = file;
	/* A member without a name has no place of its own, but its type has. */
	if (dwarf_decl_line(member, &walk->line) && debuginfo_type(member, &type))
		dwarf_decl_line(&type, &walk->line);
	/* An unnamed struct's members belong to the struct around it, as in C. */
	cut = *name ? extend(walk, *walk->name ? ".%s" : "%s", name, 0) : (int)strlen(walk->name);
	if (cut < 0)
		return cut;
	if (!debuginfo_offset(member, &place)) {
		if (dwarf_hasattr(member, DW_AT_bit_size))
			return refuse(walk, "a bit-field has no address that a reader could find; "
			                    "use a whole integer or bool");
		return refuse(walk, "the compiler gives no fixed offset");
	}
	if (!debuginfo_type(member, &type))
		return refuse(walk, "the compiler gives no type");
	error = walk_value(walk, &type, offset + place);
	walk->name[cut] = '\0';
	return error;
}

static int walk_struct(struct walk *walk, Dwarf_Die *type, uint32_t offset)
{
	Dwarf_Die member;
	int next, error = 0;

	if (walk->depth == DEPTH_MAX)
		return refuse(walk, "structs nested more than 32 deep");
	walk->depth++;
	next = dwarf_child(type, &member);
	for (; !next && !error; next = dwarf_siblingof(&member, &member))
		if (dwarf_tag(&member) == DW_TAG_member)
			error = walk_member(walk, &member, offset);
	walk->depth--;
	return error;
}

static int walk_value(struct walk *walk, Dwarf_Die *type, uint32_t offset)
{
	/* Structs without members add no field, and could be there without end. */
	if (++walk->steps > STEPS_MAX)
		return refuse(walk, "more parts than any record has");
	switch (dwarf_tag(type)) {
	case DW_TAG_structure_type:
		return walk_struct(walk, type, offset);
	case DW_TAG_array_type:
		return walk_array(walk, type, offset);
	case DW_TAG_base_type:
	case DW_TAG_enumeration_type:
		return walk_base(walk, type, offset, 1);
	case DW_TAG_pointer_type:
		return refuse(walk, "a pointer means nothing in another process; store the value "
		                    "itself, a fixed-size char array, or an index");
	case DW_TAG_union_type:
		return refuse(walk, "a union does not say which of its members holds; use a "
		                    "struct with all of them");
	case DW_TAG_atomic_type:
		return refuse(walk, "a record is atomic as a whole; leave out _Atomic");
	}
	return refuse(walk, "a type that a page has no description for; use integers of 8 to 64 "
	                    "bits, float, double, bool, char arrays or structs of these");
}

int fields_read(struct record *record, Dwarf_Die *type, struct vdk_report *report)
{
	struct walk walk = {
	        .record = record, .report = report, .file = record->file, .line = record->line};

	return walk_struct(&walk, type, 0);
}
