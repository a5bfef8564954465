/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: any bytes at all are a page's file. It is opened in both ways of reading and
 * for writing, and all of it is read, shown as text and as JSON, and written.
 *
 * A page that fits its own numbers is hard to guess, so the first byte of an input says which of
 * them are put right: the header's magic and version, its size, the layout id, the place of the table.
 */
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

enum { PUT_HEAD = 1, PUT_SIZE = 2, PUT_ID = 4, PUT_TABLE = 8 };

static void put_right(uint8_t *bytes, size_t size, uint8_t what)
{
	struct vdk_page_header *header = (struct vdk_page_header *)bytes;
	struct vdk_table table;

	if (what & PUT_HEAD) {
		memcpy(header->magic, VDK_PAGE_MAGIC, sizeof(header->magic));
		header->version = VDK_PAGE_VERSION;
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
static void show_field(const struct vdk_layout_record *record, const struct vdk_layout_field *field,
                       const void *value)
{
	static uint8_t back[VDK_RECORD_MAX];
	char text[VDK_RECORD_MAX + 1];
	struct vdk_field_ref ref = {record, field, field->count > 1 ? VDK_FIELD_ALL : 0};
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

static void look(struct vdk_page *page)
{
	const struct vdk_layout *layout = vdk_page_layout(page);
	static uint8_t value[VDK_RECORD_MAX];
	struct vdk_page_info info;

	vdk_page_info(page, &info);
	for (uint32_t i = 0; i < layout->record_count && i < 16; i++) {
		const struct vdk_layout_record *record = &layout->records[i];
		const struct vdk_field_ref whole = {record, NULL, VDK_FIELD_ALL};
		uint64_t sequence;

		if (vdk_record_read(page, record, value, &sequence))
			continue;
		show(&whole, value);
		for (uint32_t k = 0; k < record->field_count && k < 64; k++)
			show_field(record, &record->fields[k], value);
	}
}

static void edit(int fd)
{
	struct vdk_page *page;

	if (vdk_page_consume_writer(dup(fd), -1, "fuzz", &page, NULL))
		return;
	for (uint32_t i = 0; i < vdk_page_layout(page)->record_count && i < 16; i++) {
		const struct vdk_layout_record *record = &vdk_page_layout(page)->records[i];
		uint8_t *value;

		if (vdk_record_edit(page, record, (void **)&value))
			continue;
		memset(value, 'x', record->size);
		vdk_record_commit(page);
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
