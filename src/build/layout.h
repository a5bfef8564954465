/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BUILD_LAYOUT_H
#define VDK_BUILD_LAYOUT_H

/*
 * The page's layout: which records, with which fields, where. Collected from the objects of the
 * page headers, then laid out once; the resulting table is the page's description of itself.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vdk/report.h>

struct field {
	char *name;
	uint32_t offset; /* from the struct's start */
	uint32_t size;
	uint32_t count;
	uint8_t kind; /* enum vdk_kind */
};

struct record {
	char *name;
	char *file; /* where it is declared */
	int line;
	uint32_t offset; /* of the slot from the page's start, once laid out */
	uint32_t slot_size; /* of one slot */
	uint32_t list;      /* 0: a record by itself; otherwise a list of so many slots */
	uint32_t copy_offset;
	uint32_t copy_stride;
	uint32_t size;
	struct field *fields;
	size_t field_count;
};

struct layout {
	struct record *records;
	size_t record_count;
	size_t field_count; /* of all records */

	/* Set by layout_finish(); all 0 when there are no records. */
	bool lists; /* one of the records is a list: image and page need the version of lists */
	uint8_t *table;
	uint32_t table_size;
	uint32_t page_size;
	uint64_t id;
};

/*
 * Add the records of one page header's object. A record that two headers share because one
 * includes the other counts once.
 * Return: 0; -EINVAL a field that no page can hold, or two records of one name; -ENOEXEC; -ENOMEM.
 */
int layout_read(struct layout *layout, const char *object, struct vdk_report *report);

/* Give each record its place and make the table. Return: 0; -E2BIG more than a page can hold. */
int layout_finish(struct layout *layout, struct vdk_report *report);

void layout_free(struct layout *layout);

#endif
