/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_SHOW_H
#define VDK_TOOL_SHOW_H

/*
 * Records as text and as JSON. Both can be fed back: `vdk get A | vdk publish B --stdin`. In JSON
 * a field's name is the table's, nested ones with their dots; floats that JSON has no number for
 * are strings; a record that was never written is null.
 */

#include <stdbool.h>
#include <stdio.h>

#include <vdk/field.h>

struct json_object;

/*
 * The record's name, of a list with its index. @ref is of one record: its slot is not
 * VDK_FIELD_ALL. Here and below.
 */
#define SHOW_NAME (VDK_NAME_MAX + 16)
void show_name(const struct vdk_field_ref *ref, char name[SHOW_NAME]);

/* rec.field=value for each field of @ref, @separator between and @end behind them. */
void show_text(FILE *out, const struct vdk_field_ref *ref, const void *value, const char *separator,
               const char *end);

/* The value alone, of a field or an element; strings as they are but for control characters. */
void show_value(FILE *out, const struct vdk_field_ref *ref, const void *value);

/* One line, or with @pretty several. */
void show_print_json(FILE *out, struct json_object *object, bool pretty);

/* The fields of @ref as an object of the record's fields. NULL when there is no memory. */
struct json_object *show_json(const struct vdk_field_ref *ref, const void *value);

#endif
