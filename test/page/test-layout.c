/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hostile tables: each test breaks the good one in one place and names the rule it must meet. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <vdk/layout.h>
#include <vdk/publish.h>

#include "sample.h"

static struct sample_table table;
static struct vdk_report report;

static int setup(void **state)
{
	sample_table(&table);
	memset(&report, 0, sizeof(report));
	return 0;
}

static uint32_t table_size(void)
{
	return (uint32_t)offsetof(struct sample_table, strings) + table.table.string_size;
}

static void refused(const char *words)
{
	struct vdk_layout *layout = (void *)1;

	assert_int_equal(vdk_layout_parse(&table, table_size(), 256, "sample", &layout, &report),
	                 -EBADMSG);
	assert_ptr_equal(layout, (void *)1);
	assert_non_null(strstr(report.text, words));
}

static void good(void **state)
{
	struct vdk_layout *layout;

	assert_int_equal(vdk_layout_parse(&table, table_size(), 256, "sample", &layout, &report), 0);
	assert_int_equal(layout->record_count, SAMPLE_RECORDS);
	assert_int_equal(layout->layout_id, vdk_layout_id(&table, table_size()));
	assert_string_equal(layout->records[SAMPLE_PAIR].name, "pair");
	assert_int_equal(layout->records[SAMPLE_WIDE].field_count, 9);
	assert_string_equal(layout->records[SAMPLE_WIDE].fields[1].name, "words");
	assert_ptr_equal(vdk_layout_record(layout, "wide"), &layout->records[SAMPLE_WIDE]);
	assert_null(vdk_layout_record(layout, "none"));
	assert_null(vdk_layout_free(layout));
}

/* struct, member path, bad value, a word of the message. */
#define BREAK(name, lvalue, value, words)                                                          \
	static void name(void **state)                                                             \
	{                                                                                          \
		table.lvalue = (value);                                                            \
		refused(words);                                                                    \
	}

BREAK(too_many_records, table.record_count, VDK_RECORDS_MAX + 1, "records")
BREAK(huge_record_count, table.record_count, UINT32_MAX, "records")
BREAK(too_many_fields, table.field_count, VDK_FIELDS_MAX + 1, "fields")
BREAK(counts_disagree, table.record_count, 1, "by its counts")
BREAK(string_size_wraps, table.string_size, UINT32_MAX, "by its counts")
BREAK(page_size_zero, table.page_size, 0, "page size")
BREAK(page_size_odd, table.page_size, 8191, "page size")
BREAK(page_size_huge, table.page_size, VDK_PAGE_SIZE_MAX + VDK_PAGE_UNIT, "page size")
BREAK(record_name_outside, records[0].name, 100000, "record 0: expected a name")
BREAK(record_name_empty, strings[0], 0, "record 0: expected a name")
BREAK(record_name_escape, strings[0], '\033', "record 0: expected a name")
BREAK(record_name_dot, strings[1], '.', "record 0: expected a name")
BREAK(record_size_zero, records[0].size, 0, "expected a size")
BREAK(record_size_huge, records[0].size, VDK_RECORD_MAX + 1, "expected a size")
BREAK(copies_in_sequence, records[0].copy_offset, 0, "copies")
BREAK(copies_unaligned, records[0].copy_offset, 12, "copies")
BREAK(stride_unaligned, records[0].copy_stride, 28, "copies")
BREAK(copies_overlap, records[0].copy_stride, 16, "copies")
BREAK(slot_in_table, records[0].offset, 64, "slot")
BREAK(slot_unaligned, records[0].offset, 4096 + 8, "slot")
BREAK(slot_outside, records[1].offset, 8192, "slot")
BREAK(slot_wraps, records[1].offset, UINT32_MAX & ~63u, "slot")
BREAK(slots_overlap, records[1].offset, 4096, "slot")
BREAK(stride_outside, records[1].copy_stride, 1u << 31, "slot")
BREAK(list_too_long, records[1].list, 100, "expected a list of at most")
BREAK(list_wraps, records[1].list, UINT32_MAX, "expected a list of at most")
BREAK(list_overlaps, records[0].list, 2, "record 1: expected a 64-aligned slot")
BREAK(fields_not_in_order, records[1].first_field, 0, "fields")
BREAK(fields_outside, records[1].field_count, 100, "fields")
BREAK(fields_unowned, records[1].field_count, 8, "fields in records")
BREAK(field_name_outside, fields[2].name, UINT32_MAX, "field 2: expected a name")
BREAK(field_kind_unknown, fields[2].kind, 9, "kind 9")
BREAK(field_kind_zero, fields[2].kind, 0, "kind 0")
BREAK(field_size_of_kind, fields[2].size, 3, "cannot have 3 bytes")
BREAK(field_count_zero, fields[2].count, 0, "expected to lie in")
BREAK(field_count_wraps, fields[2].count, 1u << 29, "expected to lie in")
BREAK(field_outside, fields[2].offset, 17, "expected to lie in")
BREAK(field_offset_wraps, fields[2].offset, UINT32_MAX, "expected to lie in")

static void string_without_end(void **state)
{
	table.strings[table.table.string_size - 1] = 'x';
	refused("no end");
}

/* Each of both alone would be refused by itself; their product has more than 64 bits. */
static void list_stride_wraps(void **state)
{
	table.records[1].copy_stride = UINT32_MAX & ~7u;
	table.records[1].list = UINT32_MAX;
	refused("slot");
}

static void shorter_than_its_header(void **state)
{
	struct vdk_layout *layout;

	for (uint32_t size = 0; size < table_size(); size++)
		assert_int_equal(vdk_layout_parse(&table, size, 256, "sample", &layout, NULL),
		                 -EBADMSG);
}

/* Any single byte may be anything: the parser must end, and stay inside (sanitizers watch). */
static void every_byte(void **state)
{
	const uint32_t size = table_size();
	uint8_t *bytes = (uint8_t *)&table;

	for (uint32_t i = 0; i < size; i++)
		for (int flip = 1; flip < 256; flip += 1 + i % 3) {
			struct vdk_layout *layout = NULL;

			bytes[i] ^= (uint8_t)flip;
			if (vdk_layout_parse(&table, size, 256, "sample", &layout, NULL) == 0)
				vdk_layout_free(layout);
			bytes[i] ^= (uint8_t)flip;
		}
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(good), TEST(too_many_records), TEST(huge_record_count), TEST(too_many_fields),
		TEST(counts_disagree), TEST(string_size_wraps), TEST(page_size_zero),
		TEST(page_size_odd), TEST(page_size_huge), TEST(record_name_outside),
		TEST(record_name_empty), TEST(record_name_escape), TEST(record_name_dot),
		TEST(record_size_zero), TEST(record_size_huge), TEST(copies_in_sequence),
		TEST(copies_unaligned), TEST(stride_unaligned), TEST(copies_overlap),
		TEST(slot_in_table), TEST(slot_unaligned), TEST(slot_outside), TEST(slot_wraps),
		TEST(slots_overlap), TEST(stride_outside), TEST(list_too_long), TEST(list_wraps),
		TEST(list_stride_wraps), TEST(list_overlaps), TEST(fields_not_in_order),
		TEST(fields_outside), TEST(fields_unowned), TEST(field_name_outside),
		TEST(field_kind_unknown), TEST(field_kind_zero), TEST(field_size_of_kind),
		TEST(field_count_zero), TEST(field_count_wraps), TEST(field_outside),
		TEST(field_offset_wraps), TEST(string_without_end), TEST(shorter_than_its_header),
		TEST(every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
