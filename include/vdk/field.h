/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_FIELD_H
#define VDK_FIELD_H

/**
 * vdk/field.h - the fields of a record as text
 *
 * Between the bytes of a record and what people write: `quote.bid=101.25`. A name is a record's
 * name, a dot and a field's name as the page's table has it, with [i] behind it for one element of
 * an array. Of a list the record's name has an index, too: `quote[3].bid`. Nothing is known but
 * what the table says, so any page can be read and written.
 *
 *   kind     written as                                           a field's text
 *   integer  decimal, or hexadecimal with 0x; the field's range   -5, 0xff, 255
 *   float    as strtod(3) in the C locale                         1.5, 1e-3, nan, inf
 *   bool     true, false, 1, 0                                    true
 *   string   as it is, at most the field's size in bytes          EURUSD
 *   array    its elements in order, with commas, all of them      1,2,3
 *
 * The table has the same words for an array of one element and for a plain value, so both are
 * written `5`, and x and x[0] both mean it.
 *
 * Floats are printed with as many digits as their value needs to be read back unchanged. A
 * string of an array cannot have a comma when the whole array is written at once.
 *
 * All functions work on a copy of a record in the caller's memory, never on the page itself.
 * Threads: any. Signals: none is safe.
 */

#include <stddef.h>
#include <stdint.h>

#include <vdk/layout.h>
#include <vdk/report.h>

/** vdk_field_ref::index for the whole array, and ::slot for the whole list. */
#define VDK_FIELD_ALL UINT32_MAX

/** A name that was found: all of a record, a field, or an element of it. */
struct vdk_field_ref {
	const struct vdk_layout_record *record;
	const struct vdk_layout_field *field; /* NULL: the whole record */
	uint32_t index;                       /* element, or VDK_FIELD_ALL */
	uint32_t slot; /* of a list, or VDK_FIELD_ALL; 0 for a record by itself */
};

/**
 * vdk_field_find() - find what a name means
 * @name:    "record", "record.field" or "record.field[2]", and the same with "list[3]" or, for
 *           every record of it, "list" in the record's place; need not end at @length
 * @length:  its bytes
 * @ret_ref: valid as long as the layout
 *
 * Return: 0; -ENOENT no such record or field, and the report lists those that are there; -ERANGE
 *         the element is beyond the array's end, or the record beyond the list's.
 */
int vdk_field_find(const struct vdk_layout *layout, const char *name, size_t length,
                   struct vdk_field_ref *ret_ref, struct vdk_report *report);

/**
 * vdk_field_parse() - put a text into a record
 * @ref:    a field or an element; not a whole record
 * @text:   see the table above
 * @length: its bytes
 * @value:  the record, ref->record->size bytes; unchanged on failure
 *
 * Return: 0; -EINVAL the text has another form; -ERANGE the value does not fit. The report says
 *         the field, what was expected and what was found.
 */
int vdk_field_parse(const struct vdk_field_ref *ref, const char *text, size_t length, void *value,
                    struct vdk_report *report);

/** Room for the text of any one element except a string, in bytes. */
#define VDK_FIELD_TEXT 40

/**
 * vdk_field_format() - the text of one element
 * @index: of the element; below field->count
 * @value: the record
 * @text:  filled, NUL-terminated; a string is copied up to its first NUL as it is
 * @size:  of @text, bytes
 *
 * Return: the text's length; -ENOSPC @size is too small.
 */
int vdk_field_format(const struct vdk_layout_field *field, uint32_t index, const void *value,
                     char *text, size_t size);

/** The integer, float or bool of one element as its widest type. @index is below field->count. */
int64_t vdk_field_int(const struct vdk_layout_field *field, uint32_t index, const void *value);
uint64_t vdk_field_uint(const struct vdk_layout_field *field, uint32_t index, const void *value);
double vdk_field_float(const struct vdk_layout_field *field, uint32_t index, const void *value);

#endif
