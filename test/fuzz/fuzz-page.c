/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: any bytes at all are a page's file. It is opened in both ways of reading and
 * for writing, and all of it is read, shown as text and as JSON, and written.
 *
 * A page that fits its own numbers is hard to guess, so the first byte of an input says which of
 * them are put right: the header's magic and version, its size, the layout id, the place of the table.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <json-c/json.h>

#include <vdk/field.h>
#include <vdk/page.h>
#include <vdk/record.h>

#include "fuzz.h"
#include "show.h"

#define PAGE_MAX 65536u

enum { PUT_HEAD = 1, PUT_SIZE = 2, PUT_ID = 4, PUT_TABLE = 8, PUT_LISTS = 16 };

static void put_right(uint8_t *bytes, size_t size, uint8_t what)
{
	struct vdk_page_header *header = (struct vdk_page_header *)bytes;
	struct vdk_table table;

	if (what & PUT_HEAD) {
		memcpy(header->magic, VDK_PAGE_MAGIC, sizeof(header->magic));
		header->version = what & PUT_LISTS ? VDK_PAGE_VERSION_LISTS : VDK_PAGE_VERSION;
	}
	if (what & PUT_TABLE) {
		header->header_size = sizeof(*header);
		header->table_offset = sizeof(*header);
		memcpy(&table, bytes + sizeof(*header), sizeof(table));
		header->table_size = (uint32_t)(sizeof(table) +
		                                table.record_count * sizeof(struct vdk_table_record) +
		                                table.field_count * sizeof(struct vdk_table_field) +
		                                table.string_size);
		if (what & PUT_SIZE)
			header->size = table.page_size;
	}
	if (what & PUT_ID && header->table_offset < size && header->table_size <= size - header->table_offset)
		header->layout_id = vdk_layout_id(bytes + header->table_offset, header->table_size);
}

static void show(const struct vdk_field_ref *ref, const void *value)
{
	static FILE *out;
	struct json_object *json = show_json(ref, value);

	if (!out)
		out = fopen("/dev/null", "we");
	show_text(out, ref, value, " ", "\n");
	if (ref->field)
		show_value(out, ref, value);
	show_print_json(out, json, true);
	json_object_put(json);
}

/* Each field as a whole and its last element, and the text read back into the same bytes. */
static void show_field(const struct vdk_layout_record *record, uint32_t slot,
                       const struct vdk_layout_field *field, const void *value)
{
	static uint8_t back[VDK_RECORD_MAX];
	char text[VDK_RECORD_MAX + 1];
	struct vdk_field_ref ref = {record, field, field->count > 1 ? VDK_FIELD_ALL : 0, slot};
	int length;

	show(&ref, value);
	ref.index = field->count - 1;
	show(&ref, value);
	length = vdk_field_format(field, ref.index, value, text, sizeof(text));
	if (length < 0 || (size_t)length != strlen(text))
		abort();
	/* Of a bool that is neither 0 nor 1 the text says that it is true. */
	memcpy(back, value, record->size);
	if (vdk_field_parse(&ref, text, (size_t)length, back, NULL))
		abort();
}

static void show_record(const struct vdk_layout_record *record, uint32_t slot, const void *value)
{
	const struct vdk_field_ref whole = {record, NULL, VDK_FIELD_ALL, slot};

	show(&whole, value);
	for (uint32_t i = 0; i < record->field_count && i < 64; i++)
		show_field(record, slot, &record->fields[i], value);
}

static void look(struct vdk_page *page)
{
	const struct vdk_layout *layout = vdk_page_layout(page);
	static uint8_t value[VDK_RECORD_MAX];
	struct vdk_page_info info;
	uint64_t sequence;

	vdk_page_info(page, &info);
	for (uint32_t i = 0; i < layout->record_count && i < 16; i++) {
		const struct vdk_layout_record *record = &layout->records[i];

		/* Two names may be the same; then the first one is meant. */
		if (vdk_layout_record(layout, record->name) > record)
			abort();
		for (uint32_t slot = 0; slot < vdk_layout_slots(record) && slot < 8; slot++)
			if (!vdk_record_read_at(page, record, slot, value, &sequence))
				show_record(record, slot, value);
		if (vdk_record_read_at(page, record, vdk_layout_slots(record), value, NULL) != -ERANGE)
			abort();
	}
}

static void edit(int fd)
{
	static uint8_t zeroes[VDK_RECORD_MAX];
	struct vdk_page *page;

	if (vdk_page_consume_writer(dup(fd), -1, "fuzz", &page, NULL))
		return;
	for (uint32_t i = 0; i < vdk_page_layout(page)->record_count && i < 16; i++) {
		const struct vdk_layout_record *record = &vdk_page_layout(page)->records[i];
		const uint32_t last = vdk_layout_slots(record) - 1;
		uint8_t *value;

		if (vdk_record_edit_at(page, record, last, (void **)&value))
			continue;
		memset(value, 'x', record->size);
		vdk_record_commit(page);
		if (!vdk_record_edit_at(page, record, 0, (void **)&value))
			vdk_record_cancel(page);
		memset(zeroes, 0, record->size);
		vdk_record_write_at(page, record, last, zeroes);
	}
	look(page);
	vdk_page_close(page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(8) uint8_t bytes[PAGE_MAX];
	struct fuzz_piece input = {data, size};
	const uint8_t what = fuzz_byte(&input);
	struct vdk_page *page;
	int fd;

	if (input.size > PAGE_MAX)
		return 0;
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, input.data, input.size);
	put_right(bytes, sizeof(bytes), what);
	/* A lock that somebody holds is waited for, which is another test's matter. */
	((struct vdk_page_header *)bytes)->lock = 0;
	fd = fuzz_file((struct fuzz_piece){bytes, what & PUT_SIZE ? PAGE_MAX : input.size});
	if (!vdk_page_open(fd, 0, "fuzz", &page, NULL)) {
		look(page);
		vdk_page_close(page);
	}
	if (!vdk_page_open(fd, VDK_PAGE_MAP, "fuzz", &page, NULL)) {
		look(page);
		vdk_page_close(page);
		edit(fd);
	}
	close(fd);
	return 0;
}
