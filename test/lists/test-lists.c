/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists in pages: each record by itself, its neighbours untouched, and none beyond the end. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vdk/field.h>
#include <vdk/page.h>
#include <vdk/publish.h>

#include "page/sample.h"

#define SLOTS 4u

static struct sample_table table;
static struct vdk_report report;
static struct vdk_page *writer, *reader;
static int fd;

/* The sample's second record as a list. */
static void make(uint32_t slots)
{
	struct vdk_note note;

	sample_table(&table);
	table.records[SAMPLE_WIDE].list = slots;
	note = sample_note(&table);
	assert_int_equal(vdk_page_create(-1, NULL, 0, &note, &fd, &report), 0);
}

static int setup(void **state)
{
	make(SLOTS);
	assert_int_equal(vdk_page_consume_writer(sample_reopen(fd), -1, "lists", &writer, &report), 0);
	assert_int_equal(vdk_page_open(fd, 0, "lists", &reader, &report), 0);
	return 0;
}

static int teardown(void **state)
{
	writer = vdk_page_close(writer);
	reader = vdk_page_close(reader);
	close(fd);
	return 0;
}

static const struct vdk_layout_record *wide(const struct vdk_page *page)
{
	return &vdk_page_layout(page)->records[SAMPLE_WIDE];
}

static void each_by_itself(void **state)
{
	uint64_t sequence;
	struct wide value;

	assert_int_equal(wide(writer)->list, SLOTS);
	for (uint32_t i = 0; i < SLOTS; i++)
		assert_int_equal(vdk_record_read_at(reader, wide(reader), i, &value, NULL), -ENODATA);
	for (uint32_t i = SLOTS; i-- > 0;) {
		value = wide_of(100 + i);
		assert_int_equal(vdk_record_write_at(writer, wide(writer), i, &value), 0);
		for (uint32_t k = 0; k < SLOTS; k++)
			assert_int_equal(vdk_record_read_at(reader, wide(reader), k, &value, NULL),
			                 k < i ? -ENODATA : 0);
	}
	for (uint32_t i = 0; i < SLOTS; i++) {
		assert_int_equal(vdk_record_read_at(reader, wide(reader), i, &value, &sequence), 0);
		assert_true(wide_holds(&value) && value.count == 100 + i && sequence == 1);
	}
}

static void edits(void **state)
{
	struct wide value = wide_of(1);
	uint64_t sequence;
	void *edited, *other;

	assert_int_equal(vdk_record_write_at(writer, wide(writer), 2, &value), 0);
	assert_int_equal(vdk_record_edit_at(writer, wide(writer), 2, &edited), 0);
	assert_memory_equal(edited, &value, sizeof(value));
	assert_int_equal(vdk_record_edit_at(writer, wide(writer), 1, &other), -EBUSY);
	assert_int_equal(vdk_record_write_at(writer, wide(writer), 1, &value), -EBUSY);
	((struct wide *)edited)->words[5] = 77;
	vdk_record_commit(writer);
	assert_int_equal(vdk_record_edit_at(writer, wide(writer), 3, &edited), 0);
	assert_int_equal(((struct wide *)edited)->count, 0);
	vdk_record_cancel(writer);
	assert_int_equal(vdk_record_read_at(reader, wide(reader), 2, &value, &sequence), 0);
	assert_true(value.words[5] == 77 && value.count == 1 && sequence == 2);
	assert_int_equal(vdk_record_read_at(reader, wide(reader), 1, &value, NULL), -ENODATA);
	assert_int_equal(vdk_record_read_at(reader, wide(reader), 3, &value, NULL), -ENODATA);
}

static void without_an_index(void **state)
{
	struct wide value = wide_of(9);
	const struct vdk_layout_record *pair = &vdk_page_layout(writer)->records[SAMPLE_PAIR];
	struct pair two = pair_of(3);

	assert_int_equal(vdk_record_write(writer, wide(writer), &value), 0);
	assert_int_equal(vdk_record_read_at(reader, wide(reader), 0, &value, NULL), 0);
	assert_int_equal(value.count, 9);
	assert_int_equal(vdk_record_write_at(writer, pair, 0, &two), 0);
	assert_int_equal(vdk_record_write_at(writer, pair, 1, &two), -ERANGE);
}

static void beyond_the_end(void **state)
{
	struct wide value = wide_of(1), untouched = value;
	void *edited = &value;

	for (uint64_t i = SLOTS; i <= UINT32_MAX; i = i * 2 + 1) {
		const uint32_t index = (uint32_t)i;

		assert_int_equal(vdk_record_read_at(reader, wide(reader), index, &value, NULL), -ERANGE);
		assert_int_equal(vdk_record_write_at(writer, wide(writer), index, &value), -ERANGE);
		assert_int_equal(vdk_record_edit_at(writer, wide(writer), index, &edited), -ERANGE);
	}
	assert_memory_equal(&value, &untouched, sizeof(value));
	assert_ptr_equal(edited, &value);
}

/* Bytes of the page that change when one record is written: those of its slot alone. */
static void neighbours(void **state)
{
	const struct vdk_layout_record *record = wide(writer);
	const size_t size = vdk_page_layout(writer)->page_size;
	const struct wide value = wide_of(0x0123456789abcdef);
	uint8_t before[32768];

	assert_true(size <= sizeof(before));
	for (uint32_t i = 0; i < SLOTS; i++) {
		const size_t slot = record->offset + i * vdk_layout_stride(record);
		uint8_t *map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);

		memcpy(before, map, size);
		assert_int_equal(vdk_record_write_at(writer, record, i, &value), 0);
		for (size_t at = sizeof(struct vdk_page_header); at < size; at++)
			assert_true(map[at] == before[at] ||
			            (at >= slot && at < slot + vdk_layout_stride(record)));
		munmap(map, size);
	}
}

static void names(void **state)
{
	const struct vdk_layout *layout = vdk_page_layout(reader);
	struct vdk_field_ref ref;

	assert_int_equal(vdk_field_find(layout, "wide[3].words[2]", 16, &ref, &report), 0);
	assert_true(ref.record == wide(reader) && ref.slot == 3 && ref.index == 2);
	assert_int_equal(vdk_field_find(layout, "wide[0]", 7, &ref, &report), 0);
	assert_true(!ref.field && ref.slot == 0);
	assert_int_equal(vdk_field_find(layout, "wide.count", 10, &ref, &report), 0);
	assert_true(ref.field && ref.slot == VDK_FIELD_ALL);
	assert_int_equal(vdk_field_find(layout, "pair.count", 10, &ref, &report), 0);
	assert_true(ref.field && ref.slot == 0);
	assert_int_equal(vdk_field_find(layout, "wide[4].count", 13, &ref, &report), -ERANGE);
	assert_string_equal(report.text, "wide: expected a record 0..3 of the list, found 4");
	assert_int_equal(vdk_field_find(layout, "pair[0].count", 13, &ref, &report), -ENOENT);
	assert_string_equal(report.text, "pair[0]: pair is a record by itself and no list");
	assert_int_equal(vdk_field_find(layout, "wide[x]", 7, &ref, &report), -ENOENT);
	assert_string_equal(report.text, "no record wide[x]: expected one of pair, wide[0..3]");
	assert_int_equal(vdk_field_find(layout, "wide[4294967296]", 16, &ref, &report), -ENOENT);
}

/* Version 1 is for pages without a list: its readers would take one for a single record. */
static void versions(void **state)
{
	struct vdk_page_header header;
	struct vdk_page *page;
	uint32_t version = VDK_PAGE_VERSION;

	assert_int_equal(pread(fd, &header, sizeof(header), 0), sizeof(header));
	assert_int_equal(header.version, VDK_PAGE_VERSION_LISTS);
	assert_int_equal(pwrite(fd, &version, sizeof(version),
	                        offsetof(struct vdk_page_header, version)), sizeof(version));
	assert_int_equal(vdk_page_open(fd, 0, "old", &page, &report), -EBADMSG);
	assert_non_null(strstr(report.text, "expected format version 2"));
	close(fd);
	make(0);
	assert_int_equal(pread(fd, &header, sizeof(header), 0), sizeof(header));
	assert_int_equal(header.version, VDK_PAGE_VERSION);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_by_itself), TEST(edits), TEST(without_an_index), TEST(beyond_the_end),
		TEST(neighbours), TEST(names), TEST(versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
