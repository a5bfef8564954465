/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "show.h"

#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include <vdk/record.h>

#include "base/printable.h"

/* A string of a page is foreign: nothing of it may reach a terminal as a command. */
static void print_string(FILE *out, char *text, bool quoted)
{
	vdk_printable(text, strlen(text));
	if (quoted)
		putc('"', out);
	for (; *text; text++) {
		if (quoted && (*text == '"' || *text == '\\'))
			putc('\\', out);
		putc(*text, out);
	}
	if (quoted)
		putc('"', out);
}

static void print_element(FILE *out, const struct vdk_layout_field *field, uint32_t index,
                          const void *value, bool quoted)
{
	char text[VDK_RECORD_MAX + 1];

	if (vdk_field_format(field, index, value, text, sizeof(text)) < 0)
		return;
	if (field->kind == VDK_KIND_STRING)
		print_string(out, text, quoted);
	else
		fputs(text, out);
}

static void print_elements(FILE *out, const struct vdk_layout_field *field, uint32_t index,
                           const void *value, bool quoted)
{
	if (index != VDK_FIELD_ALL) {
		print_element(out, field, index, value, quoted);
		return;
	}
	/* Strings of an array are quoted as one value: that is how a line has them. */
	if (field->kind == VDK_KIND_STRING && quoted)
		putc('"', out);
	for (uint32_t i = 0; i < field->count; i++) {
		if (i)
			putc(',', out);
		print_element(out, field, i, value, false);
	}
	if (field->kind == VDK_KIND_STRING && quoted)
		putc('"', out);
}

void show_name(const struct vdk_field_ref *ref, char name[SHOW_NAME])
{
	if (ref->record->list)
		snprintf(name, SHOW_NAME, "%s[%u]", ref->record->name, ref->slot);
	else
		snprintf(name, SHOW_NAME, "%s", ref->record->name);
}

static void print_field(FILE *out, const struct vdk_field_ref *ref,
                        const struct vdk_layout_field *field, uint32_t index, const void *value)
{
	char name[SHOW_NAME];

	show_name(ref, name);
	fprintf(out, "%s.%s", name, field->name);
	if (index != VDK_FIELD_ALL && field->count > 1)
		fprintf(out, "[%u]", index);
	putc('=', out);
	print_elements(out, field, index, value, true);
}

void show_text(FILE *out, const struct vdk_field_ref *ref, const void *value, const char *separator,
               const char *end)
{
	if (ref->field) {
		print_field(out, ref, ref->field, ref->index, value);
	} else {
		for (uint32_t i = 0; i < ref->record->field_count; i++) {
			const struct vdk_layout_field *field = &ref->record->fields[i];

			fputs(i ? separator : "", out);
			print_field(out, ref, field, field->count > 1 ? VDK_FIELD_ALL : 0, value);
		}
	}
	fputs(end, out);
}

void show_value(FILE *out, const struct vdk_field_ref *ref, const void *value)
{
	print_elements(out, ref->field, ref->index, value, false);
	putc('\n', out);
}

void show_print_json(FILE *out, struct json_object *object, bool pretty)
{
	fprintf(out, "%s\n",
	        json_object_to_json_string_ext(
	                object, (pretty ? JSON_C_TO_STRING_PRETTY : JSON_C_TO_STRING_PLAIN) |
	                                JSON_C_TO_STRING_NOSLASHESCAPE));
}

/*
 * JSON is UTF-8; a page's string is bytes. What is no UTF-8 becomes U+FFFD, byte by byte, and so do
 * the control characters that JSON does not escape (C1), since JSON reaches terminals, too.
 */
static struct json_object *json_string(const char *text)
{
	static const char unknown[] = {'\xef', '\xbf', '\xbd'};
	char clean[sizeof(unknown) * (VDK_RECORD_MAX + 1)];
	size_t out = 0;

	while (*text) {
		const unsigned char c = (unsigned char)*text;
		const int tail = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : (c & 0xf0) == 0xe0 ? 2
		                 : c >= 0xf0 && c < 0xf5 ? 3 : -1;
		bool good = tail >= 0;

		for (int i = 1; good && i <= tail; i++)
			good = ((unsigned char)text[i] & 0xc0) == 0x80;
		good = good && !(c == 0xc2 && (unsigned char)text[1] < 0xa0);
		/* Over-long forms, surrogates and what lies beyond U+10FFFF. */
		if (good && tail >= 2) {
			const unsigned char d = (unsigned char)text[1];

			good = !(c == 0xe0 && d < 0xa0) && !(c == 0xed && d >= 0xa0) &&
			       !(c == 0xf0 && d < 0x90) && !(c == 0xf4 && d >= 0x90);
		}
		if (good) {
			memcpy(clean + out, text, (size_t)tail + 1);
			out += (size_t)tail + 1;
			text += tail + 1;
		} else {
			memcpy(clean + out, unknown, sizeof(unknown));
			out += sizeof(unknown);
			text++;
		}
	}
	return json_object_new_string_len(clean, (int)out);
}

static struct json_object *json_element(const struct vdk_layout_field *field, uint32_t index,
                                        const void *value)
{
	char text[VDK_RECORD_MAX + 1];
	double number;

	switch (field->kind) {
	case VDK_KIND_UINT:
		return json_object_new_uint64(vdk_field_uint(field, index, value));
	case VDK_KIND_INT:
		return json_object_new_int64(vdk_field_int(field, index, value));
	case VDK_KIND_BOOL:
		return json_object_new_boolean(vdk_field_uint(field, index, value) != 0);
	case VDK_KIND_FLOAT:
		number = vdk_field_float(field, index, value);
		vdk_field_format(field, index, value, text, sizeof(text));
		return isfinite(number) ? json_object_new_double_s(number, text)
		                        : json_object_new_string(text);
	case VDK_KIND_STRING:
		vdk_field_format(field, index, value, text, sizeof(text));
		return json_string(text);
	}
	return NULL;
}

static struct json_object *json_field(const struct vdk_layout_field *field, uint32_t index,
                                      const void *value)
{
	struct json_object *array;

	if (index != VDK_FIELD_ALL)
		return json_element(field, index, value);
	array = json_object_new_array();
	for (uint32_t i = 0; array && i < field->count; i++)
		json_object_array_add(array, json_element(field, i, value));
	return array;
}

struct json_object *show_json(const struct vdk_field_ref *ref, const void *value)
{
	struct json_object *object = json_object_new_object();

	if (!object)
		return NULL;
	if (ref->field) {
		char name[VDK_NAME_MAX + 16];

		snprintf(name, sizeof(name), "%s", ref->field->name);
		if (ref->index != VDK_FIELD_ALL && ref->field->count > 1)
			snprintf(name, sizeof(name), "%s[%u]", ref->field->name, ref->index);
		json_object_object_add(object, name, json_field(ref->field, ref->index, value));
		return object;
	}
	for (uint32_t i = 0; i < ref->record->field_count; i++) {
		const struct vdk_layout_field *field = &ref->record->fields[i];

		json_object_object_add(
			object, field->name,
			json_field(field, field->count > 1 ? VDK_FIELD_ALL : 0, value));
	}
	return object;
}
