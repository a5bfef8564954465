/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From the raw table of a page to a checked layout. The parser works on a private copy: bytes in a
 * shared page could change between a check and a use. All sums are 64 bits wide, their parts at
 * most 32, so none can wrap.
 */
#include <vdk/layout.h>

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/record.h>

/* One block holds the layout, its records, its fields and the strings that they point to. */
struct parser {
	const uint8_t *bytes;
	struct vdk_table table;
	const uint8_t *raw_records, *raw_fields;
	char *strings;
	struct vdk_layout_record *records;
	struct vdk_layout_field *fields;
	const char *object;
	struct vdk_report *report;
};

static uint64_t round_up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) / unit * unit;
}

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c == '[' || c == ']';
}

/* The strings end with a NUL (checked before), so a name that starts inside ends inside. */
static const char *take_name(const struct parser *parser, uint32_t offset)
{
	const char *name;
	size_t length;

	if (offset >= parser->table.string_size)
		return NULL;
	name = parser->strings + offset;
	length = strlen(name);
	if (length == 0 || length > VDK_NAME_MAX)
		return NULL;
	for (size_t i = 0; i < length; i++)
		if (!name_char(name[i]))
			return NULL;
	return name;
}

static bool size_fits_kind(uint8_t kind, uint32_t size)
{
	switch (kind) {
	case VDK_KIND_UINT:
	case VDK_KIND_INT:
		return size == 1 || size == 2 || size == 4 || size == 8;
	case VDK_KIND_FLOAT:
		return size == 4 || size == 8;
	case VDK_KIND_BOOL:
		return size == 1;
	case VDK_KIND_STRING:
		return size >= 1;
	}
	return false;
}

static int parse_field(const struct parser *parser, uint32_t index, uint32_t record_size)
{
	struct vdk_layout_field *field = &parser->fields[index];
	struct vdk_table_field raw;

	memcpy(&raw, parser->raw_fields + (size_t)index * sizeof(raw), sizeof(raw));
	field->name = take_name(parser, raw.name);
	if (!field->name)
		return vdk_report_set(parser->report, -EBADMSG, parser->object,
		                      "field %u: expected a name of 1 to %u letters, found none at "
		                      "%u of %u string bytes", index, VDK_NAME_MAX, raw.name,
		                      parser->table.string_size);
	if (!size_fits_kind(raw.kind, raw.size))
		return vdk_report_set(parser->report, -EBADMSG, parser->object,
		                      "field %u (%s): kind %u cannot have %u bytes", index,
		                      field->name, raw.kind, raw.size);
	if (raw.count == 0 || raw.count > record_size || raw.size > record_size ||
	    raw.offset > record_size ||
	    (uint64_t)raw.size * raw.count > record_size - raw.offset)
		return vdk_report_set(parser->report, -EBADMSG, parser->object,
		                      "field %u (%s): expected to lie in %u bytes, found offset %u, "
		                      "%u elements of %u", index, field->name, record_size,
		                      raw.offset, raw.count, raw.size);
	field->offset = raw.offset;
	field->size = raw.size;
	field->count = raw.count;
	field->kind = (enum vdk_kind)raw.kind;
	return 0;
}

/*
 * All slots of a list lie within the page. The division comes before the product: a hostile count
 * times a hostile stride has more than 64 bits.
 */
static int parse_list(const struct parser *parser, uint32_t index,
                      const struct vdk_table_record *raw, uint64_t *end)
{
	const uint64_t stride = vdk_slot_stride(raw->copy_offset, raw->copy_stride);
	const uint64_t room = parser->table.page_size - raw->offset;

	if (raw->list > room / stride)
		return vdk_report_set(parser->report, -EBADMSG, parser->object,
		                      "record %u: expected a list of at most %" PRIu64 " slots of "
		                      "%" PRIu64 " bytes between %u and %u, found %u", index,
		                      room / stride, stride, raw->offset, parser->table.page_size,
		                      raw->list);
	*end = raw->offset + raw->list * stride;
	return 0;
}

/* Slots come in ascending order without overlap: *@end is where the one before ended. */
static int parse_slot(const struct parser *parser, uint32_t index,
                      const struct vdk_table_record *raw, uint64_t *end)
{
	const uint64_t room = round_up(raw->size, 8);
	const uint64_t slot_end =
		(uint64_t)raw->offset + raw->copy_offset + (uint64_t)raw->copy_stride + room;

	if (raw->size == 0 || raw->size > VDK_RECORD_MAX)
		return vdk_report_set(parser->report, -EBADMSG, parser->object,
		                      "record %u: expected a size of 1 to %u, found %u", index,
		                      VDK_RECORD_MAX, raw->size);
	if (raw->copy_offset < 8 || raw->copy_offset % 8 != 0 || raw->copy_stride % 8 != 0 ||
	    raw->copy_stride < room)
		return vdk_report_set(parser->report, -EBADMSG, parser->object,
		                      "record %u: expected 8-aligned copies from 8 on, %" PRIu64
		                      " apart, found them at %u, %u apart", index, room,
		                      raw->copy_offset, raw->copy_stride);
	if (raw->offset % VDK_CACHE_LINE != 0 || raw->offset < *end ||
	    slot_end > parser->table.page_size)
		return vdk_report_set(parser->report, -EBADMSG, parser->object,
		                      "record %u: expected a %u-aligned slot between %" PRIu64
		                      " and %u, found %u to %" PRIu64, index, VDK_CACHE_LINE, *end,
		                      parser->table.page_size, raw->offset, slot_end);
	*end = slot_end;
	return raw->list ? parse_list(parser, index, raw, end) : 0;
}

static int parse_record(const struct parser *parser, uint32_t index, uint32_t first_field,
                        uint64_t *end)
{
	struct vdk_layout_record *record = &parser->records[index];
	struct vdk_table_record raw;
	int error;

	memcpy(&raw, parser->raw_records + (size_t)index * sizeof(raw), sizeof(raw));
	record->name = take_name(parser, raw.name);
	if (!record->name || strpbrk(record->name, ".[]"))
		return vdk_report_set(parser->report, -EBADMSG, parser->object,
		                      "record %u: expected a name of 1 to %u letters, found none at "
		                      "%u of %u string bytes", index, VDK_NAME_MAX, raw.name,
		                      parser->table.string_size);
	error = parse_slot(parser, index, &raw, end);
	if (error)
		return error;
	if (raw.first_field != first_field ||
	    raw.field_count > parser->table.field_count - first_field)
		return vdk_report_set(parser->report, -EBADMSG, parser->object,
		                      "record %u (%s): expected fields from %u on within %u, found "
		                      "%u from %u on", index, record->name, first_field,
		                      parser->table.field_count, raw.field_count, raw.first_field);
	record->offset = raw.offset;
	record->copy_offset = raw.copy_offset;
	record->copy_stride = raw.copy_stride;
	record->size = raw.size;
	record->field_count = raw.field_count;
	record->list = raw.list;
	record->fields = parser->fields + first_field;
	for (uint32_t i = 0; i < raw.field_count; i++) {
		error = parse_field(parser, first_field + i, raw.size);
		if (error)
			return error;
	}
	return 0;
}

static int parse_counts(struct parser *parser, uint32_t size)
{
	struct vdk_table *table = &parser->table;
	uint64_t expected;

	if (size < sizeof(*table))
		return vdk_report_set(parser->report, -EBADMSG, parser->object,
		                      "table: expected at least %zu bytes, found %u",
		                      sizeof(*table), size);
	memcpy(table, parser->bytes, sizeof(*table));
	if (table->record_count > VDK_RECORDS_MAX || table->field_count > VDK_FIELDS_MAX)
		return vdk_report_set(parser->report, -EBADMSG, parser->object,
		                      "table: expected at most %u records and %u fields, found %u "
		                      "and %u", VDK_RECORDS_MAX, VDK_FIELDS_MAX,
		                      table->record_count, table->field_count);
	expected = sizeof(*table) +
	           (uint64_t)table->record_count * sizeof(struct vdk_table_record) +
	           (uint64_t)table->field_count * sizeof(struct vdk_table_field) +
	           table->string_size;
	if (expected != size)
		return vdk_report_set(parser->report, -EBADMSG, parser->object,
		                      "table: expected %" PRIu64 " bytes by its counts, found %u",
		                      expected, size);
	if (table->page_size == 0 || table->page_size % VDK_PAGE_UNIT != 0 ||
	    table->page_size > VDK_PAGE_SIZE_MAX)
		return vdk_report_set(parser->report, -EBADMSG, parser->object,
		                      "table: expected a page size that is a multiple of %u up to "
		                      "%u, found %u", VDK_PAGE_UNIT, VDK_PAGE_SIZE_MAX,
		                      table->page_size);
	if (table->string_size > 0 && parser->bytes[size - 1] != 0)
		return vdk_report_set(parser->report, -EBADMSG, parser->object,
		                      "table: the last string has no end");
	return 0;
}

static struct vdk_layout *allocate(struct parser *parser, uint32_t size)
{
	const size_t records = parser->table.record_count * sizeof(struct vdk_layout_record);
	const size_t fields = parser->table.field_count * sizeof(struct vdk_layout_field);
	struct vdk_layout *layout = calloc(1, sizeof(*layout) + records + fields +
	                                              parser->table.string_size);

	if (!layout)
		return NULL;
	parser->records = (struct vdk_layout_record *)(layout + 1);
	parser->fields = (struct vdk_layout_field *)((char *)parser->records + records);
	parser->strings = (char *)parser->fields + fields;
	memcpy(parser->strings, parser->bytes + size - parser->table.string_size,
	       parser->table.string_size);
	layout->layout_id = vdk_layout_id(parser->bytes, size);
	layout->page_size = parser->table.page_size;
	layout->record_count = parser->table.record_count;
	layout->records = parser->records;
	return layout;
}

int vdk_layout_parse(const void *table, uint32_t size, uint64_t slots_from, const char *object,
                     struct vdk_layout **ret_layout, struct vdk_report *report)
{
	struct parser parser = {.bytes = table, .object = object, .report = report};
	struct vdk_layout *layout;
	uint64_t end = slots_from;
	uint32_t fields = 0;
	int error;

	error = parse_counts(&parser, size);
	if (error)
		return error;
	parser.raw_records = parser.bytes + sizeof(struct vdk_table);
	parser.raw_fields = parser.raw_records +
	                    (size_t)parser.table.record_count * sizeof(struct vdk_table_record);
	layout = allocate(&parser, size);
	if (!layout)
		return -ENOMEM;
	for (uint32_t i = 0; i < parser.table.record_count && !error; i++) {
		error = parse_record(&parser, i, fields, &end);
		if (!error)
			fields += parser.records[i].field_count;
	}
	if (!error && fields != parser.table.field_count)
		error = vdk_report_set(report, -EBADMSG, object,
		                       "table: expected %u fields in records, found %u",
		                       parser.table.field_count, fields);
	if (error) {
		vdk_layout_free(layout);
		return error;
	}
	*ret_layout = layout;
	return 0;
}

struct vdk_layout *vdk_layout_free(struct vdk_layout *layout)
{
	free(layout);
	return NULL;
}

const struct vdk_layout_record *vdk_layout_record(const struct vdk_layout *layout, const char *name)
{
	for (uint32_t i = 0; i < layout->record_count; i++)
		if (strcmp(layout->records[i].name, name) == 0)
			return &layout->records[i];
	return NULL;
}
