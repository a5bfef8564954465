/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a name to what it means, and back to a name for messages. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/field.h>

static bool equals(const char *name, const char *text, size_t length)
{
	return strlen(name) == length && memcmp(name, text, length) == 0;
}

/* What the message names as expected: as many as there is room for. */
struct list {
	char text[512];
	size_t length;
};

static void list_add(struct list *list, const char *name)
{
	const int length = snprintf(list->text + list->length, sizeof(list->text) - list->length,
	                            "%s%s", list->length ? ", " : "", name);

	if (length > 0 && list->length + (size_t)length < sizeof(list->text))
		list->length += (size_t)length;
	else
		list->text[list->length] = 0;
}

static int no_record(const struct vdk_layout *layout, const char *name, size_t length,
                     struct vdk_report *report)
{
	struct list list = {.length = 0};

	for (uint32_t i = 0; i < layout->record_count; i++) {
		const struct vdk_layout_record *record = &layout->records[i];
		char text[VDK_NAME_MAX + 32];

		snprintf(text, sizeof(text), "%s[0..%u]", record->name, record->list - 1);
		list_add(&list, record->list ? text : record->name);
	}
	return vdk_report_set(report, -ENOENT, NULL, "no record %.*s: expected one of %s",
	                      (int)(length < 255 ? length : 255), name, list.text);
}

/* The largest index that a field of the record has behind the first @length bytes of @name. */
static unsigned long last_index(const struct vdk_layout_record *record, const char *name,
                                size_t length)
{
	unsigned long last = 0;

	for (uint32_t i = 0; i < record->field_count; i++) {
		const char *other = record->fields[i].name;

		if (strncmp(other, name, length) == 0 && strtoul(other + length, NULL, 10) > last)
			last = strtoul(other + length, NULL, 10);
	}
	return last;
}

/* An array of structs has a name for each of its fields in the table: all of them in one. */
static void list_add_field(struct list *list, const struct vdk_layout_record *record,
                           const char *name)
{
	char text[VDK_NAME_MAX + 64];
	size_t out = 0;

	for (const char *at = name; *at && out < sizeof(text) - 24; at++) {
		text[out++] = *at;
		if (*at != '[')
			continue;
		if (at[1] != '0')
			return;
		out += (size_t)snprintf(text + out, 24, "0..%lu",
		                        last_index(record, name, (size_t)(at + 1 - name)));
		at++;
	}
	text[out] = 0;
	list_add(list, text);
}

/* Does the name lead to the field, as `bid` or `bid[0]` to bid[0].price? */
static bool leads_to(const char *name, size_t length, const char *field)
{
	/* A name may hold a NUL, where it comes from a line. */
	return strlen(field) > length && memcmp(field, name, length) == 0 &&
	       (field[length] == '.' || field[length] == '[');
}

static int no_field(const struct vdk_layout_record *record, const char *name, size_t length,
                    struct vdk_report *report)
{
	struct list list = {.length = 0}, inside = {.length = 0};

	for (uint32_t i = 0; i < record->field_count && list.length < sizeof(list.text) / 2; i++)
		list_add_field(&list, record, record->fields[i].name);
	for (uint32_t i = 0; i < record->field_count; i++)
		if (leads_to(name, length, record->fields[i].name))
			list_add(&inside, record->fields[i].name);
	if (inside.length)
		return vdk_report_set(report, -ENOENT, NULL,
		                      "%s.%.*s is not one value: expected one of %s", record->name,
		                      (int)length, name, inside.text);
	return vdk_report_set(report, -ENOENT, NULL,
	                      "record %s has no field %.*s: expected one of %s", record->name,
	                      (int)(length < 255 ? length : 255), name, list.text);
}

static const struct vdk_layout_field *find_field(const struct vdk_layout_record *record,
                                                 const char *name, size_t length)
{
	for (uint32_t i = 0; i < record->field_count; i++)
		if (equals(record->fields[i].name, name, length))
			return &record->fields[i];
	return NULL;
}

/* Cut a trailing [i] off. Return the index, or -1 when there is none. */
static int64_t cut_index(const char *name, size_t *length)
{
	size_t at = *length;
	int64_t index = 0;

	if (at < 3 || name[at - 1] != ']')
		return -1;
	for (at--; at > 0 && name[at - 1] >= '0' && name[at - 1] <= '9'; at--)
		;
	if (at == 0 || name[at - 1] != '[' || at == *length - 1 || *length - 1 - at > 9)
		return -1;
	for (size_t i = at; i < *length - 1; i++)
		index = index * 10 + (name[i] - '0');
	*length = at - 1;
	return index;
}

static int find_in(const struct vdk_layout_record *record, const char *name, size_t length,
                   struct vdk_field_ref *ret_ref, struct vdk_report *report)
{
	const struct vdk_layout_field *field = find_field(record, name, length);
	uint32_t index = VDK_FIELD_ALL;

	/*
	 * An array of structs has its indices in the table's names, an array of values has not. One
	 * of a single value looks like that value there: [0] means it in both cases.
	 */
	if (!field) {
		size_t base = length;
		const int64_t found = cut_index(name, &base);

		field = found >= 0 ? find_field(record, name, base) : NULL;
		if (!field || (field->count == 1 && found > 0))
			return no_field(record, name, length, report);
		if (found >= field->count)
			return vdk_report_set(report, -ERANGE, NULL,
			                      "%s.%s: expected an element 0..%u, found %lld",
			                      record->name, field->name, field->count - 1,
			                      (long long)found);
		index = (uint32_t)found;
	} else if (field->count == 1) {
		index = 0;
	}
	ret_ref->field = field;
	ret_ref->index = index;
	return 0;
}

/* What the [i] behind a record's name means; @index: -1 when there is none. */
static int find_slot(const struct vdk_layout_record *record, int64_t index, uint32_t *ret_slot,
                     struct vdk_report *report)
{
	if (!record->list && index >= 0)
		return vdk_report_set(report, -ENOENT, NULL,
		                      "%s[%" PRId64 "]: %s is a record by itself and no list",
		                      record->name, index, record->name);
	if (index >= (int64_t)record->list)
		return vdk_report_set(report, -ERANGE, NULL, "%s: expected a record 0..%u of the "
		                      "list, found %" PRId64, record->name, record->list - 1,
		                      index);
	*ret_slot = !record->list ? 0 : index < 0 ? VDK_FIELD_ALL : (uint32_t)index;
	return 0;
}

int vdk_field_find(const struct vdk_layout *layout, const char *name, size_t length,
                   struct vdk_field_ref *ret_ref, struct vdk_report *report)
{
	const char *dot = memchr(name, '.', length);
	const size_t whole = dot ? (size_t)(dot - name) : length;
	size_t base = whole;
	const int64_t index = cut_index(name, &base);

	for (uint32_t i = 0; i < layout->record_count; i++) {
		struct vdk_field_ref ref = {.record = &layout->records[i], .index = VDK_FIELD_ALL};
		int error;

		if (!equals(ref.record->name, name, base))
			continue;
		error = find_slot(ref.record, index, &ref.slot, report);
		if (!error && dot)
			error = find_in(ref.record, dot + 1, length - whole - 1, &ref, report);
		if (!error)
			*ret_ref = ref;
		return error;
	}
	return no_record(layout, name, base, report);
}
