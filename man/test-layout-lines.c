/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The structures of vdk/format.h as the manual pages have them: one line each, and behind it a
 * line for each member, "offset size name". test-pages.sh looks for these lines in the pages.
 */
#include <stddef.h>
#include <stdio.h>

#include <vdk/format.h>

#define BEGIN(type) printf("struct %s\n", #type)
#define MEMBER(type, name)                                                                         \
	printf("%6zu %5zu  %s\n", offsetof(struct type, name), sizeof(((struct type *)0)->name), #name)

static void page(void)
{
	BEGIN(vdk_page_header);
	MEMBER(vdk_page_header, magic);
	MEMBER(vdk_page_header, version);
	MEMBER(vdk_page_header, header_size);
	MEMBER(vdk_page_header, size);
	MEMBER(vdk_page_header, layout_id);
	MEMBER(vdk_page_header, table_offset);
	MEMBER(vdk_page_header, table_size);
	MEMBER(vdk_page_header, reserved0);
	MEMBER(vdk_page_header, epoch);
	MEMBER(vdk_page_header, as_of);
	MEMBER(vdk_page_header, void_after);
	MEMBER(vdk_page_header, publisher_pid);
	MEMBER(vdk_page_header, publisher_uid);
	MEMBER(vdk_page_header, publisher_start);
	MEMBER(vdk_page_header, reserved1);
	MEMBER(vdk_page_header, lock);
	MEMBER(vdk_page_header, reserved2);
}

static void table(void)
{
	BEGIN(vdk_table);
	MEMBER(vdk_table, record_count);
	MEMBER(vdk_table, field_count);
	MEMBER(vdk_table, string_size);
	MEMBER(vdk_table, page_size);
	BEGIN(vdk_table_record);
	MEMBER(vdk_table_record, name);
	MEMBER(vdk_table_record, offset);
	MEMBER(vdk_table_record, copy_offset);
	MEMBER(vdk_table_record, copy_stride);
	MEMBER(vdk_table_record, size);
	MEMBER(vdk_table_record, first_field);
	MEMBER(vdk_table_record, field_count);
	MEMBER(vdk_table_record, list);
	BEGIN(vdk_table_field);
	MEMBER(vdk_table_field, name);
	MEMBER(vdk_table_field, offset);
	MEMBER(vdk_table_field, size);
	MEMBER(vdk_table_field, count);
	MEMBER(vdk_table_field, kind);
	MEMBER(vdk_table_field, reserved);
}

static void process(void)
{
	BEGIN(vdk_process_page);
	MEMBER(vdk_process_page, chain);
	MEMBER(vdk_process_page, kernel_vdso);
	MEMBER(vdk_process_page, image);
	MEMBER(vdk_process_page, magic);
	MEMBER(vdk_process_page, version);
	MEMBER(vdk_process_page, flags);
	MEMBER(vdk_process_page, page_size);
	MEMBER(vdk_process_page, image_size);
	MEMBER(vdk_process_page, monotonic_offset);
	MEMBER(vdk_process_page, boottime_offset);
	MEMBER(vdk_process_page, image_dev);
	MEMBER(vdk_process_page, image_ino);
	MEMBER(vdk_process_page, state);
}

static void note(void)
{
	BEGIN(vdk_image_note);
	MEMBER(vdk_image_note, version);
	MEMBER(vdk_image_note, note_size);
	MEMBER(vdk_image_note, layout_id);
	MEMBER(vdk_image_note, page_size);
	MEMBER(vdk_image_note, process_size);
	MEMBER(vdk_image_note, overrides);
	MEMBER(vdk_image_note, table_offset);
	MEMBER(vdk_image_note, table_size);
	MEMBER(vdk_image_note, finish);
	MEMBER(vdk_image_note, fallback);
	MEMBER(vdk_image_note, name);
}

int main(void)
{
	page();
	table();
	process();
	note();
	return 0;
}
