/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a name to what it means, and back to a name for messages. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
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

	for (uint32_t i = 0; i < layout->record_count; i++)
		list_add(&list, layout->records[i].name);
	return vdk_report_set(report, -ENOENT, NULL, "no record %.*s: expected one of %s",
	                      (int)(length < 255 ? length : 255), name, list.text);
}

static int no_field(const struct vdk_layout_record *record, const char *name, size_t length,
                    struct vdk_report *report)
{
	struct list list = {.length = 0};

	for (uint32_t i = 0; i < record->field_count; i++)
		list_add(&list, record->fields[i].name);
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

	/* An array of structs has its indices in the table's names, an array of values has not. */
	if (!field) {
		size_t base = length;
		const int64_t found = cut_index(name, &base);

		field = found >= 0 ? find_field(record, name, base) : NULL;
		if (!field || (field->count == 1 && found >= 0))
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
	*ret_ref = (struct vdk_field_ref){.record = record, .field = field, .index = index};
	return 0;
}

int vdk_field_find(const struct vdk_layout *layout, const char *name, size_t length,
                   struct vdk_field_ref *ret_ref, struct vdk_report *report)
{
	const char *dot = memchr(name, '.', length);
	const size_t record_length = dot ? (size_t)(dot - name) : length;

	for (uint32_t i = 0; i < layout->record_count; i++) {
		const struct vdk_layout_record *record = &layout->records[i];

		if (!equals(record->name, name, record_length))
			continue;
		if (dot)
			return find_in(record, dot + 1, length - record_length - 1, ret_ref,
			               report);
		*ret_ref = (struct vdk_field_ref){.record = record, .index = VDK_FIELD_ALL};
		return 0;
	}
	return no_record(layout, name, record_length, report);
}
