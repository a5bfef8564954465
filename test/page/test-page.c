/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Open pages, good and hostile ones; records in and out; the latch's states and its wrap. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vdk/page.h>
#include <vdk/publish.h>

#include "sample.h"

static struct vdk_report report;

static struct vdk_page *writer(int fd)
{
	struct vdk_page *page;

	assert_int_equal(vdk_page_consume_writer(sample_reopen(fd), -1, "sample", &page, &report), 0);
	return page;
}

static struct vdk_page *reader(int fd, unsigned int flags)
{
	struct vdk_page *page;

	assert_int_equal(vdk_page_open(fd, flags, "sample", &page, &report), 0);
	return page;
}

static const struct vdk_layout_record *record(struct vdk_page *page, int index)
{
	return &vdk_page_layout(page)->records[index];
}

static void never_written(void **state)
{
	const int fd = sample_page();
	struct vdk_page *by_map = reader(fd, VDK_PAGE_MAP), *by_read = reader(fd, 0);
	struct vdk_page_info info;
	struct pair pair;

	assert_int_equal(vdk_record_read(by_map, record(by_map, SAMPLE_PAIR), &pair, NULL), -ENODATA);
	assert_int_equal(vdk_record_read(by_read, record(by_read, SAMPLE_PAIR), &pair, NULL),
	                 -ENODATA);
	assert_int_equal(vdk_page_info(by_read, &info), 0);
	assert_int_equal(info.epoch, 0);
	assert_int_equal(info.as_of, 0);
	vdk_page_close(by_map);
	vdk_page_close(by_read);
	close(fd);
}

static void write_and_read(void **state)
{
	const int fd = sample_page();
	struct vdk_page *out = writer(fd), *by_map = reader(fd, VDK_PAGE_MAP),
			*by_read = reader(fd, 0);

	for (uint64_t count = 1; count < 6; count++) {
		const struct wide wide = wide_of(count);
		struct wide back;
		uint64_t sequence;

		assert_int_equal(vdk_record_write(out, record(out, SAMPLE_WIDE), &wide), 0);
		assert_int_equal(vdk_record_read(by_map, record(by_map, SAMPLE_WIDE), &back,
		                                 &sequence), 0);
		assert_memory_equal(&wide, &back, sizeof(wide));
		assert_int_equal(sequence, count);
		memset(&back, 0xff, sizeof(back));
		assert_int_equal(vdk_record_read(by_read, record(by_read, SAMPLE_WIDE), &back,
		                                 &sequence), 0);
		assert_memory_equal(&wide, &back, sizeof(wide));
		assert_int_equal(sequence, count);
	}
	vdk_page_close(out);
	vdk_page_close(by_map);
	vdk_page_close(by_read);
	close(fd);
}

static void edits(void **state)
{
	const int fd = sample_page();
	struct vdk_page *page = writer(fd);
	const struct vdk_layout_record *wide = record(page, SAMPLE_WIDE);
	struct wide *edited, value = wide_of(7);
	void *edit;

	/* The first edit of a record that was never written starts from zeroes. */
	assert_int_equal(vdk_record_edit(page, wide, &edit), 0);
	edited = edit;
	assert_int_equal(edited->count, 0);
	edited->tiny = -3;
	assert_int_equal(vdk_record_edit(page, wide, &edit), -EBUSY);
	assert_int_equal(vdk_record_write(page, wide, &value), -EBUSY);
	vdk_record_commit(page);
	assert_int_equal(vdk_record_read(page, wide, &value, NULL), 0);
	assert_int_equal(value.tiny, -3);
	assert_int_equal(value.count, 0);

	/* What is cancelled was never there, and the lock is free again. */
	assert_int_equal(vdk_record_edit(page, wide, &edit), 0);
	((struct wide *)edit)->tiny = 5;
	vdk_record_cancel(page);
	assert_int_equal(vdk_record_read(page, wide, &value, NULL), 0);
	assert_int_equal(value.tiny, -3);
	value = wide_of(9);
	assert_int_equal(vdk_record_write(page, wide, &value), 0);
	vdk_page_close(page);
	close(fd);
}

/* From 2^64 - 3 over the end: every value is seen, 0 never is, and each goes to the other copy. */
static void sequence_wrap(void **state)
{
	static const uint64_t expected[] = {UINT64_MAX - 1, UINT64_MAX, 2, 3, 4};
	const int fd = sample_page();
	struct vdk_page *page = writer(fd), *by_read = reader(fd, 0);
	const struct vdk_layout_record *pair = record(page, SAMPLE_PAIR);
	const uint64_t start = UINT64_MAX - 2;
	struct pair value = pair_of(100);
	uint64_t sequence = 0;

	assert_int_equal(vdk_record_write(page, pair, &value), 0);
	assert_int_equal(pwrite(fd, &start, 8, pair->offset), 8);
	for (uint64_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		struct pair raw[2], before, back;

		before = value;
		value = pair_of(101 + i);
		assert_int_equal(vdk_record_write(page, pair, &value), 0);
		assert_int_equal(vdk_record_read(page, pair, &back, &sequence), 0);
		assert_true(sequence == expected[i]);
		assert_memory_equal(&back, &value, sizeof(value));
		assert_int_equal(vdk_record_read(by_read, record(by_read, SAMPLE_PAIR), &back,
		                                 NULL), 0);
		assert_memory_equal(&back, &value, sizeof(value));
		/* The copy that was current stays untouched by the update that replaced it. */
		for (int copy = 0; copy < 2; copy++)
			assert_int_equal(pread(fd, &raw[copy], sizeof(raw[copy]),
			                       pair->offset + pair->copy_offset +
			                               (off_t)copy * pair->copy_stride),
			                 sizeof(raw[copy]));
		assert_memory_equal(&raw[sequence & 1], &value, sizeof(value));
		if (i > 0)
			assert_memory_equal(&raw[!(sequence & 1)], &before, sizeof(before));
	}
	vdk_page_close(page);
	vdk_page_close(by_read);
	close(fd);
}

static void take_over_and_touch(void **state)
{
	const int fd = sample_page();
	struct vdk_page *page = writer(fd), *look = reader(fd, 0);
	struct vdk_page_info info;

	for (uint64_t epoch = 1; epoch < 4; epoch++) {
		assert_int_equal(vdk_page_take_over(page), 0);
		assert_int_equal(vdk_page_info(look, &info), 0);
		assert_int_equal(info.epoch, epoch);
		assert_int_equal(info.publisher_pid, getpid());
		assert_true(info.as_of != 0 && info.as_of <= vdk_page_now());
	}
	assert_int_equal(vdk_page_touch(page, 1000, 500), 0);
	assert_int_equal(vdk_page_info(look, &info), 0);
	assert_int_equal(info.as_of, 1000);
	assert_int_equal(info.void_after, 1500);
	assert_int_equal(vdk_page_touch(page, 2000, 0), 0);
	assert_int_equal(vdk_page_info(look, &info), 0);
	assert_int_equal(info.void_after, 1500);
	assert_int_equal(vdk_page_touch(page, 2000, UINT64_MAX), 0);
	assert_int_equal(vdk_page_info(look, &info), 0);
	assert_true(info.void_after == UINT64_MAX);
	assert_int_equal(vdk_page_vouch_forever(page), 0);
	assert_int_equal(vdk_page_info(look, &info), 0);
	assert_int_equal(info.void_after, 0);

	/* Readers cannot do any of this. */
	assert_int_equal(vdk_page_take_over(look), -EPERM);
	assert_int_equal(vdk_page_touch(look, 1, 1), -EPERM);
	assert_int_equal(vdk_page_vouch_forever(look), -EPERM);
	vdk_page_close(page);
	vdk_page_close(look);
	close(fd);
}

static void readers_cannot_write(void **state)
{
	const int fd = sample_page();
	struct vdk_page *page = reader(fd, VDK_PAGE_MAP);
	const struct pair pair = pair_of(1);
	void *edit;

	assert_int_equal(vdk_record_write(page, record(page, SAMPLE_PAIR), &pair), -EPERM);
	assert_int_equal(vdk_record_edit(page, record(page, SAMPLE_PAIR), &edit), -EPERM);
	vdk_page_close(page);
	close(fd);
}

static void at_most_255_writers(void **state)
{
	const int fd = sample_page();
	struct vdk_page *pages[255], *one_more;

	for (int i = 0; i < 255; i++)
		pages[i] = writer(fd);
	for (int i = 0; i < 255; i += 50) {
		const struct pair pair = pair_of((uint64_t)i);

		assert_int_equal(vdk_record_write(pages[i], record(pages[i], SAMPLE_PAIR), &pair), 0);
	}
	int extra = sample_reopen(fd);

	assert_int_equal(vdk_page_consume_writer(extra, -1, "sample", &one_more, &report), -EUSERS);
	vdk_page_close(pages[100]);
	assert_int_equal(vdk_page_consume_writer(extra, -1, "sample", &one_more, &report), 0);
	pages[100] = one_more;
	for (int i = 0; i < 255; i++)
		vdk_page_close(pages[i]);
	close(fd);
}

/* ---- Hostile files ---- */

/* A plain file with the page's bytes, which can be shortened; memfd pages are sealed. */
static int plain_copy(int fd)
{
	char name[] = "/tmp/vdk-test-page-XXXXXX", bytes[8192];
	const int copy = mkstemp(name);

	assert_true(copy >= 0);
	unlink(name);
	assert_int_equal(pread(fd, bytes, sizeof(bytes), 0), sizeof(bytes));
	assert_int_equal(pwrite(copy, bytes, sizeof(bytes), 0), sizeof(bytes));
	return copy;
}

static void truncated_under_a_reader(void **state)
{
	const int fd = sample_page();
	struct vdk_page *out = writer(fd), *page;
	const struct wide wide = wide_of(1);
	struct vdk_page_info info;
	struct wide back;
	int copy;

	assert_int_equal(vdk_record_write(out, record(out, SAMPLE_WIDE), &wide), 0);
	copy = plain_copy(fd);
	page = reader(copy, 0);
	assert_int_equal(vdk_record_read(page, record(page, SAMPLE_WIDE), &back, NULL), 0);
	/* In the middle of the copies, before the slot, and everything. */
	for (off_t size = record(page, SAMPLE_WIDE)->offset + 100; size >= 0; size -= 2048) {
		assert_int_equal(ftruncate(copy, size), 0);
		assert_int_equal(vdk_record_read(page, record(page, SAMPLE_WIDE), &back, NULL),
		                 -EBADMSG);
	}
	assert_int_equal(ftruncate(copy, 0), 0);
	assert_int_equal(vdk_page_info(page, &info), -EBADMSG);
	vdk_page_close(page);
	vdk_page_close(out);
	close(copy);
	close(fd);
}

static void refused_header(int fd, off_t offset, const void *bytes, size_t size, int error)
{
	uint8_t before[16];
	struct vdk_page *page = NULL;

	assert_int_equal(pread(fd, before, size, offset), size);
	assert_int_equal(pwrite(fd, bytes, size, offset), size);
	assert_int_equal(vdk_page_open(fd, 0, "hostile", &page, &report), error);
	assert_null(page);
	assert_string_equal(report.object, "hostile");
	assert_int_equal(pwrite(fd, before, size, offset), size);
}

#define REFUSE(member, type, value, error)                                                         \
	do {                                                                                       \
		const type bad_ = (value);                                                         \
		refused_header(fd, offsetof(struct vdk_page_header, member), &bad_, sizeof(bad_),  \
		               error);                                                             \
	} while (0)

static void hostile_headers(void **state)
{
	const int memory = sample_page(), fd = plain_copy(memory);
	struct vdk_page *page;

	REFUSE(magic, uint64_t, 0, -EBADMSG);
	REFUSE(version, uint32_t, 0, -EOPNOTSUPP);
	REFUSE(version, uint32_t, 3, -EOPNOTSUPP);
	REFUSE(header_size, uint32_t, 8, -EBADMSG);
	REFUSE(header_size, uint32_t, UINT32_MAX, -EBADMSG);
	REFUSE(size, uint64_t, 0, -EBADMSG);
	REFUSE(size, uint64_t, 8191, -EBADMSG);
	REFUSE(size, uint64_t, 4096, -EBADMSG);
	REFUSE(size, uint64_t, 12288, -EBADMSG);
	REFUSE(size, uint64_t, UINT64_MAX & ~4095ull, -EBADMSG);
	REFUSE(layout_id, uint64_t, 5, -EBADMSG);
	REFUSE(table_offset, uint32_t, 0, -EBADMSG);
	REFUSE(table_offset, uint32_t, 8192, -EBADMSG);
	REFUSE(table_offset, uint32_t, UINT32_MAX & ~7u, -EBADMSG);
	REFUSE(table_offset, uint32_t, 260, -EBADMSG);
	REFUSE(table_size, uint32_t, 0, -EBADMSG);
	REFUSE(table_size, uint32_t, UINT32_MAX, -EBADMSG);
	for (off_t size = 0; size < 8192; size += 61) {
		const int cut = plain_copy(memory);

		assert_int_equal(ftruncate(cut, size), 0);
		assert_int_equal(vdk_page_open(cut, 0, "cut", &page, &report), -EBADMSG);
		close(cut);
	}
	page = reader(fd, 0);
	vdk_page_close(page);
	close(fd);
	close(memory);
}

static void not_a_file(void **state)
{
	struct vdk_page *page;
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(vdk_page_open(pipes[0], 0, "pipe", &page, &report), -EBADMSG);
	assert_int_equal(vdk_page_open(-1, 0, "none", &page, &report), -EBADF);
	close(pipes[0]);
	close(pipes[1]);
}

static void page_needs_records(void **state)
{
	struct vdk_note note = {.image.page_size = 4096};
	int fd = -5;

	assert_int_equal(vdk_page_create(-1, NULL, 0, &note, &fd, &report), -ENODATA);
	assert_int_equal(fd, -5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never_written), cmocka_unit_test(write_and_read),
		cmocka_unit_test(edits), cmocka_unit_test(sequence_wrap),
		cmocka_unit_test(take_over_and_touch), cmocka_unit_test(readers_cannot_write),
		cmocka_unit_test(at_most_255_writers), cmocka_unit_test(truncated_under_a_reader),
		cmocka_unit_test(hostile_headers), cmocka_unit_test(not_a_file),
		cmocka_unit_test(page_needs_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
