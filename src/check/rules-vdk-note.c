/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kit's own note (vdk/format.h): attach maps pages and jumps to code by what it says, so
 * every number in it is checked against the image.
 */
#include "internal.h"

/* Offset in the file of a field of the note. */
#define FIELD(check, field) \
	((check)->image_note_offset + offsetof(struct vdk_image_note, field))

static void note(struct check *check, const struct rule *rule)
{
	const struct vdk_image_note *note = &check->image_note;
	size_t count = 0;

	for (size_t i = 0; i < check->note_count; i++)
		count += check->notes[i].type == VDK_NOTE_IMAGE &&
		         strcmp(check->notes[i].name, VDK_NOTE_NAME) == 0;
	if (!(check->parts & PART_NOTE) || count != 1) {
		find(check, rule, VDK_CHECK_NO_OFFSET,
		     text("one note \"vdk\", at least %zu bytes", sizeof(*note)).s,
		     count ? text("%zu, or too short", count).s : "none",
		     "not an image of this kit: nothing can attach it");
		return;
	}
	if (note->version != VDK_IMAGE_VERSION && note->version != VDK_IMAGE_VERSION_LISTS)
		find(check, rule, FIELD(check, version),
		     text("%u or %u", VDK_IMAGE_VERSION, VDK_IMAGE_VERSION_LISTS).s,
		     num(note->version).s, "unknown version of the note");
	if (note->note_size != check->image_note_size)
		find(check, rule, FIELD(check, note_size), num(check->image_note_size).s,
		     num(note->note_size).s, "the note's size is not that of its descriptor");
	if (!memchr(note->name, 0, sizeof(note->name)) || !note->name[0])
		find(check, rule, FIELD(check, name), "a name ended by NUL", "none",
		     "the vDSO's name is empty or does not end");
}

static void pages(struct check *check, const struct rule *rule)
{
	const struct vdk_image_note *note = &check->image_note;

	if (note->process_size != VDK_PROCESS_SIZE)
		find(check, rule, FIELD(check, process_size), num(VDK_PROCESS_SIZE).s,
		     num(note->process_size).s, "the process page has one size only");
	if (note->page_size % VDK_PAGE_UNIT || note->page_size > VDK_PAGE_SIZE_MAX ||
	    (note->page_size == 0) != (note->table_size == 0))
		find(check, rule, FIELD(check, page_size),
		     note->table_size ? "pages of 4096 bytes for the records" : "0: no records",
		     num(note->page_size).s, "no page region has this size");
}

static void overrides(struct check *check, const struct rule *rule)
{
	if (check->image_note.overrides >> VDK_CHAIN_COUNT)
		find(check, rule, FIELD(check, overrides),
		     text("bits 0 to %d", VDK_CHAIN_COUNT - 1).s,
		     hex(check->image_note.overrides).s, "overrides of unknown functions");
}

/* Where a self-relative field leads. */
static bool leads_into_code(const struct check *check, uint64_t field, int32_t value)
{
	const uint64_t target = field + (uint64_t)(int64_t)value;

	if (value == 0)
		return false;
	for (size_t i = 0; i < check->section_count; i++) {
		const Elf64_Shdr *shdr = &check->sections[i].shdr;

		if ((shdr->sh_flags & SHF_EXECINSTR) && target >= shdr->sh_offset &&
		    target - shdr->sh_offset < shdr->sh_size)
			return true;
	}
	return false;
}

static void entries(struct check *check, const struct rule *rule)
{
	const struct vdk_image_note *note = &check->image_note;

	if (!leads_into_code(check, FIELD(check, finish), note->finish))
		find(check, rule, FIELD(check, finish), "an offset to code",
		     text("%d", note->finish).s,
		     "attach would jump to something that is no code");
	for (int i = 0; i < VDK_CHAIN_COUNT; i++) {
		const uint64_t field = FIELD(check, fallback) + (uint64_t)i * 4;

		if (!leads_into_code(check, field, note->fallback[i]))
			find(check, rule, field, "an offset to code",
			     text("%d", note->fallback[i]).s,
			     "fallback %d leads to something that is no code", i);
	}
}

/* ---- The table of records and fields ------------------------------------------------------- */

struct table {
	struct vdk_table head;
	struct view records, fields, strings;
	uint64_t offset; /* in the file */
};

static bool table_read(const struct check *check, struct table *ret)
{
	const struct vdk_image_note *note = &check->image_note;
	const struct view desc =
	        view_part(&check->file, check->image_note_offset, check->image_note_size);
	const struct view table = view_part(&desc, note->table_offset, note->table_size);
	uint64_t records, fields;

	if (note->table_offset < sizeof(*note) || table.size != note->table_size ||
	    !view_read(&table, 0, &ret->head, sizeof(ret->head)) ||
	    ret->head.record_count > VDK_RECORDS_MAX || ret->head.field_count > VDK_FIELDS_MAX)
		return false;
	records = (uint64_t)ret->head.record_count * sizeof(struct vdk_table_record);
	fields = (uint64_t)ret->head.field_count * sizeof(struct vdk_table_field);
	if (table.size != sizeof(ret->head) + records + fields + ret->head.string_size)
		return false;
	ret->records = view_part(&table, sizeof(ret->head), records);
	ret->fields = view_part(&table, sizeof(ret->head) + records, fields);
	ret->strings = view_part(&table, sizeof(ret->head) + records + fields,
	                         ret->head.string_size);
	ret->offset = check->image_note_offset + note->table_offset;
	return true;
}

static void layout(struct check *check, const struct rule *rule)
{
	const struct vdk_image_note *note = &check->image_note;
	struct table table;
	uint64_t id;

	if (note->table_size == 0 && note->table_offset == 0 && note->layout_id == 0)
		return;
	if (!table_read(check, &table)) {
		find(check, rule, FIELD(check, table_offset),
		     text("a table inside the note's %llu bytes",
		          (unsigned long long)check->image_note_size).s,
		     text("%u bytes at %u", note->table_size, note->table_offset).s,
		     "the table of records is cut off");
		return;
	}
	id = vdk_layout_id(check->file.bytes + table.offset, note->table_size);
	if (note->layout_id != id)
		find(check, rule, FIELD(check, layout_id), hex(id).s, hex(note->layout_id).s,
		     "the layout id is not that of the table");
	if (table.head.page_size != note->page_size)
		find(check, rule, table.offset + offsetof(struct vdk_table, page_size),
		     num(note->page_size).s, num(table.head.page_size).s,
		     "table and note disagree about the page's size");
}

static bool name_fine(const struct table *table, uint32_t offset)
{
	const char *name = view_string(&table->strings, offset);

	return name && name[0] && strlen(name) <= VDK_NAME_MAX;
}

/* Where the slots of a record end: of all of a list. A quotient, since a product could wrap. */
static bool slots_end(const struct table *table, const struct vdk_table_record *record,
                      uint64_t *ret_end)
{
	const uint64_t stride = vdk_slot_stride(record->copy_offset, record->copy_stride);
	const uint64_t room = (uint64_t)table->head.page_size - record->offset;

	*ret_end = (uint64_t)record->offset + record->copy_offset + record->copy_stride +
	           record->size;
	if (!record->list)
		return true;
	*ret_end = record->offset + record->list * stride;
	return record->list <= room / stride;
}

/* Fields stand in the order of their records, so no two records share one. */
static bool record_fine(const struct table *table, const struct vdk_table_record *record,
                        uint64_t above, uint32_t first_field)
{
	const uint64_t copies = (uint64_t)record->copy_offset + record->copy_stride;

	return name_fine(table, record->name) && record->offset % 64 == 0 &&
	       record->offset >= above && record->copy_offset >= 8 &&
	       record->copy_offset % 8 == 0 && record->copy_stride % 8 == 0 && record->size &&
	       record->copy_stride >= record->size &&
	       record->offset + copies + record->size <= table->head.page_size &&
	       record->first_field == first_field &&
	       record->field_count <= table->head.field_count - first_field;
}

static bool kind_fine(const struct vdk_table_field *field)
{
	switch (field->kind) {
	case VDK_KIND_UINT:
	case VDK_KIND_INT:
		return field->size == 1 || field->size == 2 || field->size == 4 || field->size == 8;
	case VDK_KIND_FLOAT:
		return field->size == 4 || field->size == 8;
	case VDK_KIND_BOOL:
		return field->size == 1;
	case VDK_KIND_STRING:
		return field->size > 0;
	default:
		return false;
	}
}

static void record_fields(struct check *check, const struct rule *rule, const struct table *table,
                          const struct vdk_table_record *record)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const uint64_t at = ((uint64_t)record->first_field + i) *
		                    sizeof(struct vdk_table_field);
		struct vdk_table_field field;

		view_read(&table->fields, at, &field, sizeof(field));
		if (name_fine(table, field.name) && kind_fine(&field) && field.count &&
		    (uint64_t)field.size * field.count <= record->size &&
		    field.offset <= record->size - (uint64_t)field.size * field.count)
			continue;
		find(check, rule, table->offset + sizeof(table->head) + table->records.size + at,
		     text("a named field inside its record's %u bytes", record->size).s,
		     text("kind %u, %u times %u bytes at %u", field.kind, field.count, field.size,
		          field.offset).s,
		     "field %s is not usable", quoted(view_string(&table->strings, field.name)).s);
	}
}

/* In declaration order, slots one behind the other: so none overlaps another. */
static void records(struct check *check, const struct rule *rule)
{
	uint64_t above = sizeof(struct vdk_page_header) + check->image_note.table_size, end;
	struct vdk_table_record record;
	uint32_t first_field = 0;
	struct table table;

	if (!check->image_note.table_size || !table_read(check, &table))
		return; /* rule note.layout */
	for (uint32_t i = 0; i < table.head.record_count; i++) {
		view_read(&table.records, (uint64_t)i * sizeof(record), &record, sizeof(record));
		if (!record_fine(&table, &record, above, first_field) ||
		    !slots_end(&table, &record, &end)) {
			find(check, rule, table.offset + sizeof(table.head) +
			                          (uint64_t)i * sizeof(record),
			     text("a named slot from %llu to %u", (unsigned long long)above,
			          table.head.page_size).s,
			     text("%u bytes at %u, copies at +%u every %u, %u slots", record.size,
			          record.offset, record.copy_offset, record.copy_stride,
			          record.list ? record.list : 1).s,
			     "record %s is not usable",
			     quoted(view_string(&table.strings, record.name)).s);
			return;
		}
		above = end;
		if (record.list && check->image_note.version < VDK_IMAGE_VERSION_LISTS)
			find(check, rule, FIELD(check, version), num(VDK_IMAGE_VERSION_LISTS).s,
			     num(check->image_note.version).s,
			     "a reader that knows no lists takes %s for one record",
			     quoted(view_string(&table.strings, record.name)).s);
		first_field += record.field_count;
		record_fields(check, rule, &table, &record);
	}
}

const struct rule rules_vdk_note[] = {
	{ { "note.vdk", "One note of the kit, of this version, with a name",
	    "vdk/format.h: attach needs it", ERROR, OFF }, PART_LOAD, note },
	{ { "note.pages", "Sizes of the page and the process page",
	    "vdk/format.h; Linux vdso2c: whole pages before the text", ERROR, OFF },
	  PART_NOTE, pages },
	{ { "note.overrides", "Overrides of known functions only", "vdk/format.h", ERROR, OFF },
	  PART_NOTE, overrides },
	{ { "note.entry", "Start-up stub and fallbacks lead into code",
	    "vdk/format.h: attach jumps there", ERROR, OFF }, PART_NOTE | PART_SECTIONS, entries },
	{ { "note.layout", "The table of records is whole and has the stated id",
	    "vdk/format.h: image and page must agree", ERROR, OFF }, PART_NOTE, layout },
	{ { "note.record", "Every record and field lies where it may",
	    "vdk/format.h: readers go there unasked", ERROR, OFF }, PART_NOTE, records },
	{ { NULL } },
};
