/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Does an image's table say of every field what the compiler says? The compiler's side is
 * offsetof and sizeof on the very page header; the table's side is what `vdk build` embedded.
 *
 * Arguments: images that were built from alltypes/, by any compiler and linker.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after these four: */
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <vdk/layout.h>
#include <vdk/note.h>

#include "alltypes/alltypes.page.h"

static int image_count;
static char **images;

static const struct vdk_layout *layout; /* of the image at hand */
static const struct vdk_layout_record *record;
static uint32_t fields_seen, records_seen;

static void check_field(const char *name, enum vdk_kind kind, size_t offset, size_t size,
                        size_t count)
{
	const struct vdk_layout_field *field;

	assert_in_range(fields_seen, 0, record->field_count - 1);
	field = &record->fields[fields_seen++];
	assert_string_equal(field->name, name);
	assert_int_equal(field->kind, kind);
	assert_int_equal(field->offset, offset);
	assert_int_equal(field->size, size);
	assert_int_equal(field->count, count);
}

static void check_record(const char *name, size_t size, size_t slot_size, size_t copy0,
                         size_t copy1)
{
	if (record)
		assert_int_equal(fields_seen, record->field_count);
	fields_seen = 0;
	assert_in_range(records_seen, 0, layout->record_count - 1);
	record = &layout->records[records_seen++];
	assert_string_equal(record->name, name);
	assert_int_equal(record->size, size);
	assert_int_equal(record->copy_offset, copy0);
	assert_int_equal(record->copy_stride, copy1 - copy0);
	assert_int_equal(record->offset % VDK_CACHE_LINE, 0);
	assert_true(record->offset + slot_size <= layout->page_size);
}

#define RECORD(tag)                                                                                \
	check_record(#tag, sizeof(struct tag), sizeof(struct vdk_slot_##tag),                      \
	             offsetof(struct vdk_slot_##tag, copy[0].value),                               \
	             offsetof(struct vdk_slot_##tag, copy[1].value))

#define VALUE(tag, member, kind)                                                                   \
	check_field(#member, VDK_KIND_##kind, offsetof(struct tag, member),                        \
	            sizeof(((struct tag *)0)->member), 1)

/* @element: one element of the array */
#define ARRAY(tag, member, element, kind)                                                          \
	check_field(#member, VDK_KIND_##kind, offsetof(struct tag, member),                        \
	            sizeof(((struct tag *)0)->element),                                            \
	            sizeof(((struct tag *)0)->member) / sizeof(((struct tag *)0)->element))

static void check_plain(void)
{
	RECORD(plain);
	VALUE(plain, i8, INT);
	VALUE(plain, i64, INT);
	VALUE(plain, i16, INT);
	VALUE(plain, i32, INT);
	VALUE(plain, u8, UINT);
	VALUE(plain, u64, UINT);
	VALUE(plain, u16, UINT);
	VALUE(plain, u32, UINT);
	VALUE(plain, f32, FLOAT);
	VALUE(plain, f64, FLOAT);
	VALUE(plain, truth, BOOL);
	VALUE(plain, letter, INT);
	VALUE(plain, l, INT);
	VALUE(plain, ull, UINT);
	VALUE(plain, qualified, INT);
}

static void check_text(void)
{
	RECORD(text);
	VALUE(text, name, STRING);
	ARRAY(text, lines, lines[0], STRING);
	ARRAY(text, labels, labels[0], STRING);
	ARRAY(text, bytes, bytes[0], INT);
	ARRAY(text, more_bytes, more_bytes[0], UINT);
	VALUE(text, colour, UINT);
	VALUE(text, sign, INT);
}

#define LEVEL(i)                                                                                   \
	VALUE(nested, levels[i].count, UINT);                                                      \
	VALUE(nested, levels[i].at.x, FLOAT);                                                      \
	VALUE(nested, levels[i].at.y, FLOAT);                                                      \
	VALUE(nested, levels[i].unnamed_type.inner, INT);                                          \
	ARRAY(nested, levels[i].unnamed_type.flags, levels[i].unnamed_type.flags[0], BOOL);        \
	VALUE(nested, levels[i].promoted, INT)

static void check_nested(void)
{
	RECORD(nested);
	VALUE(nested, best.x, FLOAT);
	VALUE(nested, best.y, FLOAT);
	LEVEL(0);
	LEVEL(1);
	LEVEL(2);
	VALUE(nested, grid[0][0].x, FLOAT);
	VALUE(nested, grid[0][0].y, FLOAT);
	VALUE(nested, grid[0][1].x, FLOAT);
	VALUE(nested, grid[0][1].y, FLOAT);
	VALUE(nested, grid[1][0].x, FLOAT);
	VALUE(nested, grid[1][0].y, FLOAT);
	VALUE(nested, grid[1][1].x, FLOAT);
	VALUE(nested, grid[1][1].y, FLOAT);
	ARRAY(nested, matrix, matrix[0][0], INT);
	ARRAY(nested, triples, triples[0][0], INT);
	ARRAY(nested, one, one[0], FLOAT);
}

static void check_edges(void)
{
	RECORD(tiny);
	VALUE(tiny, set, BOOL);
	assert_int_equal(record->copy_offset, 8);
	assert_int_equal(record->copy_stride, 8);
	RECORD(fits);
	ARRAY(fits, values, values[0], INT);
	assert_int_equal(record->copy_offset + 2 * record->copy_stride, 56);
	RECORD(spills);
	ARRAY(spills, values, values[0], INT);
	VALUE(spills, more, INT);
	assert_int_equal(record->copy_offset, 64);
	RECORD(aligned16);
	VALUE(aligned16, value, INT);
	assert_int_equal(record->copy_offset % 16, 0);
	RECORD(packed);
	VALUE(packed, one, INT);
	VALUE(packed, unaligned, INT);
	RECORD(big);
	ARRAY(big, values, values[0], UINT);
}

static void check_image(const char *path, struct vdk_note *note)
{
	struct vdk_report report = {0};
	struct vdk_layout *parsed;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	if (vdk_note_read(fd, path, note, &report))
		fail_msg("%s: %s", path, report.text);
	close(fd);
	if (vdk_layout_parse(note->table, note->image.table_size,
	                     sizeof(struct vdk_page_header) + note->image.table_size, path, &parsed,
	                     &report))
		fail_msg("%s: %s", path, report.text);
	layout = parsed;
	record = NULL;
	records_seen = 0;
	check_plain();
	check_text();
	check_nested();
	check_edges();
	assert_int_equal(fields_seen, record->field_count);
	assert_int_equal(records_seen, layout->record_count);
	assert_int_equal(note->image.page_size, layout->page_size);
	assert_string_equal((const char *)note->image.name, "alltypes");
	assert_int_equal(note->image.overrides, 1u << VDK_CHAIN_time);
	vdk_layout_free(parsed);
}

static void test_table(void **state)
{
	uint64_t first_id = 0;

	for (int i = 0; i < image_count; i++) {
		struct vdk_note note = {0};

		print_message("%s\n", images[i]);
		check_image(images[i], &note);
		if (!first_id)
			first_id = note.image.layout_id;
		/* A page made from one compiler's image serves the others' images. */
		assert_true(note.image.layout_id == first_id && first_id != 0);
		vdk_note_clear(&note);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_table)};

	image_count = argc - 1;
	images = argv + 1;
	if (!image_count) {
		fprintf(stderr, "usage: %s IMAGE...\n", argv[0]);
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
