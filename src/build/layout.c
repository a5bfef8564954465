/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layout.h"

#include <dwarf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <vdk/format.h>

#include "fields.h"

#define RECORD_PREFIX "vdk_record_"

struct reading {
	struct layout *layout;
	struct vdk_report *report;
};

static void record_free(struct record *record)
{
	for (size_t i = 0; i < record->field_count; i++)
		free(record->fields[i].name);
	free(record->fields);
	free(record->name);
	free(record->file);
}

void layout_free(struct layout *layout)
{
	for (size_t i = 0; i < layout->record_count; i++)
		record_free(&layout->records[i]);
	free(layout->records);
	free(layout->table);
	*layout = (struct layout){0};
}

static bool find_member(Dwarf_Die *type, const char *name, Dwarf_Word *ret_offset,
                        Dwarf_Die *ret_type)
{
	Dwarf_Die member;
	int next = dwarf_child(type, &member);

	for (; !next; next = dwarf_siblingof(&member, &member))
		if (dwarf_tag(&member) == DW_TAG_member && !strcmp(debuginfo_name(&member), name))
			return debuginfo_offset(&member, ret_offset) &&
			       debuginfo_type(&member, ret_type);
	return false;
}

/* An array of slots is a list. More of them than fit into a page are told apart by place(). */
static bool read_list(struct record *record, Dwarf_Die *type)
{
	Dwarf_Word length;

	if (dwarf_tag(type) != DW_TAG_array_type)
		return true;
	if (debuginfo_dimensions(type, &length, 1) != 1 || !debuginfo_type(type, type))
		return false;
	record->list = length < UINT32_MAX ? length : UINT32_MAX;
	return true;
}

/* From `struct vdk_slot_TAG` to the geometry of its copies and to the type of the value. */
static bool read_slot(struct record *record, Dwarf_Die *slot, Dwarf_Die *ret_value)
{
	Dwarf_Word copy_offset, value_offset;
	Dwarf_Die copies, copy;
	int slot_size, stride, size;

	if (!find_member(slot, "copy", &copy_offset, &copies) || !debuginfo_type(&copies, &copy) ||
	    !find_member(&copy, "value", &value_offset, ret_value) || value_offset)
		return false;
	slot_size = dwarf_bytesize(slot);
	stride = dwarf_bytesize(&copy);
	size = dwarf_bytesize(ret_value);
	if (slot_size <= 0 || stride <= 0 || size <= 0 || dwarf_tag(ret_value) != DW_TAG_structure_type)
		return false;
	record->slot_size = slot_size;
	record->copy_offset = copy_offset;
	record->copy_stride = stride;
	record->size = size;
	return true;
}

/* Two page headers may name a third one in different ways. */
static bool same_file(const char *a, const char *b)
{
	struct stat first, second;

	if (!strcmp(a, b))
		return true;
	return !stat(a, &first) && !stat(b, &second) && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

/* Return: 1 the very same declaration is there already; 0 new; -EINVAL another of that name. */
static int find_twin(const struct layout *layout, const struct record *record,
                     struct vdk_report *report)
{
	for (size_t i = 0; i < layout->record_count; i++) {
		const struct record *other = &layout->records[i];

		if (strcmp(other->name, record->name))
			continue;
		if (other->line == record->line && same_file(other->file, record->file))
			return 1;
		return vdk_report_set(report, -EINVAL, record->file,
		                      "line %d: there is a record named %s already, in %s line %d; "
		                      "rename one of the two",
		                      record->line, record->name, other->file, other->line);
	}
	return 0;
}

static int append(struct layout *layout, struct record *record)
{
	struct record *grown =
	        reallocarray(layout->records, layout->record_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	layout->records = grown;
	layout->records[layout->record_count++] = *record;
	layout->field_count += record->field_count;
	*record = (struct record){0};
	return 0;
}

static int read_record(struct reading *reading, struct record *record, Dwarf_Die *variable)
{
	Dwarf_Die slot, value;
	int error;

	if (!debuginfo_type(variable, &slot) || !read_list(record, &slot) ||
	    !read_slot(record, &slot, &value))
		return vdk_report_set(reading->report, -EINVAL, record->file,
		                      "line %d: " RECORD_PREFIX "%s is not what VDK_RECORD() or "
		                      "VDK_RECORDS() makes",
		                      record->line, record->name);
	if (strlen(record->name) > VDK_NAME_MAX)
		return vdk_report_set(reading->report, -EINVAL, record->file,
		                      "line %d: a record's name has at most %u bytes", record->line,
		                      VDK_NAME_MAX);
	error = find_twin(reading->layout, record, reading->report);
	if (error)
		return error < 0 ? error : 0;
	error = fields_read(record, &value, reading->report);
	return error ? error : append(reading->layout, record);
}

static int visit_variable(Dwarf_Die *variable, void *data)
{
	struct reading *reading = data;
	const char *name = debuginfo_name(variable), *file = dwarf_decl_file(variable);
	struct record record = {0};
	int error = -ENOMEM;

	if (strncmp(name, RECORD_PREFIX, strlen(RECORD_PREFIX)))
		return 0;
	/* The declaration that a definition completes has no type worth a look. */
	if (dwarf_hasattr(variable, DW_AT_declaration))
		return 0;
	record.name = strdup(name + strlen(RECORD_PREFIX));
	record.file = strdup(file ? file : "");
	dwarf_decl_line(variable, &record.line);
	if (record.name && record.file)
		error = read_record(reading, &record, variable);
	record_free(&record);
	return error;
}

int layout_read(struct layout *layout, const char *object, struct vdk_report *report)
{
	cleanup_debuginfo struct debuginfo info = {0};
	struct reading reading = {.layout = layout, .report = report};
	int error = debuginfo_open(&info, object, report);

	return error ? error : debuginfo_each(&info, DW_TAG_variable, visit_variable, &reading);
}

static uint64_t align_up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) / unit * unit;
}

static int too_large(const struct record *record, struct vdk_report *report)
{
	if (record->list)
		return vdk_report_set(report, -E2BIG, record->file,
		                      "line %d: with list %s, %u records that take %u bytes each, "
		                      "the page has more than %u bytes",
		                      record->line, record->name, record->list, record->slot_size,
		                      VDK_PAGE_SIZE_MAX);
	return vdk_report_set(report, -E2BIG, record->file,
	                      "line %d: with record %s the page has more than %u bytes",
	                      record->line, record->name, VDK_PAGE_SIZE_MAX);
}

/* [header][table][slot][slot]..., each slot on cache lines of its own. */
static int place(struct layout *layout, uint64_t table_size, struct vdk_report *report)
{
	uint64_t end = align_up(sizeof(struct vdk_page_header) + table_size, 64);

	for (size_t i = 0; i < layout->record_count; i++) {
		const struct record *record = &layout->records[i];

		layout->records[i].offset = end;
		/* 32 bits times 32: no overflow. A slot is a whole number of cache lines. */
		end = align_up(end + (uint64_t)record->slot_size *
		                             (record->list ? record->list : 1), 64);
		if (end > VDK_PAGE_SIZE_MAX)
			return too_large(record, report);
	}
	layout->page_size = align_up(end, VDK_PAGE_UNIT);
	return 0;
}

static uint32_t add_string(char *strings, uint32_t *used, const char *text)
{
	const uint32_t offset = *used;

	strcpy(strings + offset, text);
	*used += strlen(text) + 1;
	return offset;
}

static void fill(struct layout *layout, struct vdk_table *table)
{
	struct vdk_table_record *records = (void *)(table + 1);
	struct vdk_table_field *fields = (void *)(records + layout->record_count);
	char *strings = (void *)(fields + layout->field_count);
	uint32_t used = 0, next = 0;

	for (size_t i = 0; i < layout->record_count; i++) {
		const struct record *record = &layout->records[i];

		records[i] = (struct vdk_table_record){
		        .name = add_string(strings, &used, record->name),
		        .offset = record->offset,
		        .copy_offset = record->copy_offset,
		        .copy_stride = record->copy_stride,
		        .size = record->size,
		        .first_field = next,
		        .field_count = record->field_count,
		        .list = record->list};
		layout->lists |= record->list > 0;
		for (size_t k = 0; k < record->field_count; k++) {
			const struct field *field = &record->fields[k];

			fields[next++] = (struct vdk_table_field){
			        .name = add_string(strings, &used, field->name),
			        .offset = field->offset,
			        .size = field->size,
			        .count = field->count,
			        .kind = field->kind};
		}
	}
	*table = (struct vdk_table){.record_count = layout->record_count,
	                            .field_count = layout->field_count,
	                            .string_size = used,
	                            .page_size = layout->page_size};
}

static uint64_t string_size(const struct layout *layout)
{
	uint64_t size = 0;

	for (size_t i = 0; i < layout->record_count; i++) {
		size += strlen(layout->records[i].name) + 1;
		for (size_t k = 0; k < layout->records[i].field_count; k++)
			size += strlen(layout->records[i].fields[k].name) + 1;
	}
	return size;
}

int layout_finish(struct layout *layout, struct vdk_report *report)
{
	uint64_t size;
	int error;

	if (!layout->record_count)
		return 0;
	if (layout->record_count > VDK_RECORDS_MAX || layout->field_count > VDK_FIELDS_MAX)
		return vdk_report_set(report, -E2BIG, layout->records[0].file,
		                      "%zu records with %zu fields in all; a page describes at most "
		                      "%u with %u",
		                      layout->record_count, layout->field_count, VDK_RECORDS_MAX,
		                      VDK_FIELDS_MAX);
	size = sizeof(struct vdk_table) + layout->record_count * sizeof(struct vdk_table_record) +
	       layout->field_count * sizeof(struct vdk_table_field) + string_size(layout);
	error = place(layout, size, report);
	if (error)
		return error;
	layout->table = calloc(1, size);
	if (!layout->table)
		return -ENOMEM;
	layout->table_size = size;
	fill(layout, (struct vdk_table *)layout->table);
	layout->id = vdk_layout_id(layout->table, size);
	return 0;
}
