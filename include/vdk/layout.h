/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_LAYOUT_H
#define VDK_LAYOUT_H

/**
 * vdk/layout.h - what a page says of itself, checked once
 *
 * A page carries the names, types and offsets of its records (vdk/format.h: struct vdk_table), so
 * that any page can be decoded without its source. The bytes of a table are hostile: they may
 * come from a file that somebody else wrote, and they may change while they are looked at. So a
 * table is copied, checked as a whole and turned into the structures below, which are private to
 * the process; nothing afterwards looks at the raw table again. Whatever stands in a
 * struct vdk_layout holds:
 *
 *   - every slot lies inside the page, behind the table, 64-aligned, and no two overlap;
 *   - so do all slots of a list, which are vdk_layout_stride() apart;
 *   - both copies of a record lie in its slot, 8-aligned, with room for its size rounded up to 8;
 *   - every field lies inside its record and its size is one that its kind can have;
 *   - names are not empty, at most VDK_NAME_MAX bytes, and made of A-Z a-z 0-9 _ . [ ] alone, so
 *     that they can be printed on a terminal as they are.
 *
 * Names need not be unique; a look-up by name gives the first.
 *
 * To print the fields of a record whose source one does not have:
 *
 *     const struct vdk_layout_record *record = vdk_layout_record(layout, "room");
 *
 *     for (uint32_t i = 0; i < record->field_count; i++)
 *             printf("%s: %u bytes at %u\n", record->fields[i].name, record->fields[i].size,
 *                    record->fields[i].offset);
 *
 * vdk_record_read() of vdk/page.h brings the bytes that these offsets are of, and vdk/field.h turns
 * them into text and back.
 *
 * Threads: a layout never changes; any number of threads may use it.
 */

#include <stdint.h>

#include <vdk/format.h>
#include <vdk/report.h>

struct vdk_layout_field {
	const char *name; /* flattened: "best.price", "bid[0].price" */
	uint32_t offset;  /* from the record's start, bytes */
	uint32_t size;    /* of one element, bytes */
	uint32_t count;   /* elements; 1 for a plain value */
	enum vdk_kind kind;
};

struct vdk_layout_record {
	const char *name;
	uint32_t offset;      /* of the slot from the page's start, bytes */
	uint32_t copy_offset; /* of copy[0] from the slot */
	uint32_t copy_stride; /* of copy[1] from copy[0] */
	uint32_t size;        /* of the record, bytes; at most VDK_RECORD_MAX */
	uint32_t field_count;
	uint32_t list; /* 0: a record by itself; otherwise a list of so many */
	const struct vdk_layout_field *fields;
};

struct vdk_layout {
	uint64_t layout_id;
	uint32_t page_size; /* bytes */
	uint32_t record_count;
	const struct vdk_layout_record *records;
};

/**
 * vdk_layout_parse() - check a table and make a layout of it
 * @table:      bytes of a struct vdk_table with everything that follows; copied
 * @size:       their count
 * @slots_from: where slots may begin: the end of the table in the page, bytes
 * @object:     what to call the page in a report
 * @ret_layout: release it with vdk_layout_free()
 *
 * Return: 0; -EBADMSG a rule above is broken, and the report says which, where, what was expected
 *         and what was found; -ENOMEM.
 */
int vdk_layout_parse(const void *table, uint32_t size, uint64_t slots_from, const char *object,
                     struct vdk_layout **ret_layout, struct vdk_report *report);

/**
 * vdk_layout_free() - release a layout; every pointer into it is void then
 * @layout: may be NULL
 *
 * Return: NULL.
 */
struct vdk_layout *vdk_layout_free(struct vdk_layout *layout);

/* How many slots a record has: those of a list, or 1. */
static inline uint32_t vdk_layout_slots(const struct vdk_layout_record *record)
{
	return record->list ? record->list : 1;
}

/* From one slot of a list to the next, in bytes. */
static inline uint32_t vdk_layout_stride(const struct vdk_layout_record *record)
{
	return (uint32_t)vdk_slot_stride(record->copy_offset, record->copy_stride);
}

/**
 * vdk_layout_record() - find a record by name
 *
 * Return: the first record of that name, or NULL; valid as long as @layout.
 */
const struct vdk_layout_record *vdk_layout_record(const struct vdk_layout *layout,
                                                  const char *name);

#endif
