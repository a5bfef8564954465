/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From text to the bytes of a field. A text is copied into a terminated buffer first, since it may
 * be a piece of a longer line; a number of more than NUMBER_MAX bytes is none.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/field.h>
#include <vdk/record.h>

#define NUMBER_MAX 400

struct target {
	const struct vdk_field_ref *ref;
	const struct vdk_layout_field *field;
	struct vdk_report *report;
};

/* "expected EXPECTED, found TEXT", with the text cut and made harmless for a terminal. */
static int refuse(const struct target *target, int error, const char *expected, const char *text,
                  size_t length)
{
	char shown[64];
	size_t at = 0;

	for (; at < length && at < sizeof(shown) - 4; at++)
		shown[at] = isprint((unsigned char)text[at]) ? text[at] : '?';
	memcpy(shown + at, at < length ? "..." : "", at < length ? 4 : 1);
	return vdk_report_set(target->report, error, NULL, "%s.%s: expected %s, found %s",
	                      target->ref->record->name, target->field->name, expected, shown);
}

static int copy_number(const struct target *target, const char *text, size_t length,
                       const char *expected, char number[NUMBER_MAX])
{
	/* strtol(3) and strtod(3) would skip white space and stop at a NUL: neither is a number. */
	if (length == 0 || length >= NUMBER_MAX || isspace((unsigned char)text[0]) ||
	    memchr(text, 0, length))
		return refuse(target, -EINVAL, expected, text, length);
	memcpy(number, text, length);
	number[length] = 0;
	return 0;
}

static void describe_range(const struct vdk_layout_field *field, char *text, size_t size)
{
	const unsigned bits = field->size * 8;

	if (field->kind == VDK_KIND_UINT)
		snprintf(text, size, "0..%" PRIu64, UINT64_MAX >> (64 - bits));
	else
		snprintf(text, size, "%" PRId64 "..%" PRId64, INT64_MIN >> (64 - bits),
		         INT64_MAX >> (64 - bits));
}

static int number_base(const char *number)
{
	const char *digits = number + (*number == '-' || *number == '+');

	return digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X') ? 16 : 10;
}

static int parse_integer(const struct target *target, const char *text, size_t length, void *to)
{
	const unsigned bits = target->field->size * 8;
	const int negative = length > 0 && text[0] == '-';
	char number[NUMBER_MAX] = "", range[64], *end;
	uint64_t magnitude, limit;
	int error = copy_number(target, text, length, "a whole number", number);

	if (error)
		return error;
	describe_range(target->field, range, sizeof(range));
	errno = 0;
	magnitude = strtoull(number + (negative || *number == '+'), &end, number_base(number));
	if (*end || end == number || !isxdigit((unsigned char)end[-1]) ||
	    !isdigit((unsigned char)number[negative || *number == '+']))
		return refuse(target, -EINVAL, "a whole number", text, length);
	if (target->field->kind == VDK_KIND_UINT)
		limit = negative ? 0 : UINT64_MAX >> (64 - bits);
	else
		limit = (uint64_t)(INT64_MAX >> (64 - bits)) + (negative ? 1 : 0);
	if (errno == ERANGE || magnitude > limit)
		return refuse(target, -ERANGE, range, text, length);
	if (negative)
		magnitude = 0 - magnitude;
	memcpy(to, &magnitude, target->field->size); /* little-endian: the low bytes come first */
	return 0;
}

static int parse_float(const struct target *target, const char *text, size_t length, void *to)
{
	char number[NUMBER_MAX] = "", *end;
	double wide;
	float narrow;
	int error = copy_number(target, text, length, "a number", number);

	if (error)
		return error;
	wide = strtod(number, &end);
	if (*end || end == number)
		return refuse(target, -EINVAL, "a number", text, length);
	narrow = (float)wide;
	/* Infinity is a value only for who asks for it. */
	if ((isinf(wide) || (target->field->size == 4 && isinf(narrow))) &&
	    !strpbrk(number, "iI"))
		return refuse(target, -ERANGE,
		              target->field->size == 4 ? "-3.4e38..3.4e38" : "-1.7e308..1.7e308",
		              text, length);
	if (target->field->size == 4)
		memcpy(to, &narrow, 4);
	else
		memcpy(to, &wide, 8);
	return 0;
}

static int parse_bool(const struct target *target, const char *text, size_t length, void *to)
{
	static const struct {
		const char *word;
		uint8_t value;
	} words[] = {{"true", 1}, {"false", 0}, {"1", 1}, {"0", 0}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i].word) != length || memcmp(words[i].word, text, length) != 0)
			continue;
		memcpy(to, &words[i].value, 1);
		return 0;
	}
	return refuse(target, -EINVAL, "true or false", text, length);
}

static int parse_string(const struct target *target, const char *text, size_t length, void *to)
{
	char expected[64];

	snprintf(expected, sizeof(expected), "at most %u bytes without NUL", target->field->size);
	if (memchr(text, 0, length))
		return refuse(target, -EINVAL, expected, text, length);
	if (length > target->field->size)
		return refuse(target, -ERANGE, expected, text, length);
	memset(to, 0, target->field->size);
	memcpy(to, text, length);
	return 0;
}

static int parse_one(const struct target *target, const char *text, size_t length, void *to)
{
	switch (target->field->kind) {
	case VDK_KIND_UINT:
	case VDK_KIND_INT:
		return parse_integer(target, text, length, to);
	case VDK_KIND_FLOAT:
		return parse_float(target, text, length, to);
	case VDK_KIND_BOOL:
		return parse_bool(target, text, length, to);
	case VDK_KIND_STRING:
		return parse_string(target, text, length, to);
	}
	return refuse(target, -EINVAL, "a field of a known kind", text, length);
}

/* All elements, or nothing: they are collected beside the record. */
static int parse_array(const struct target *target, const char *text, size_t length, uint8_t *to)
{
	const struct vdk_layout_field *field = target->field;
	uint8_t elements[VDK_RECORD_MAX];
	const char *end = text + length;
	uint32_t count = 0;

	for (const char *at = text;; count++) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const size_t part = (size_t)((comma ? comma : end) - at);

		if (count < field->count) {
			const int error =
				parse_one(target, at, part, elements + (size_t)count * field->size);
			if (error)
				return error;
		}
		if (!comma)
			break;
		at = comma + 1;
	}
	if (++count != field->count)
		return vdk_report_set(target->report, -EINVAL, NULL,
		                      "%s.%s: expected %u elements, found %u",
		                      target->ref->record->name, field->name, field->count, count);
	memcpy(to, elements, (size_t)field->count * field->size);
	return 0;
}

static int whole_record(const struct vdk_field_ref *ref, struct vdk_report *report)
{
	char index[16] = "";

	if (ref->record->list)
		snprintf(index, sizeof(index), "[%u]", ref->slot);
	return vdk_report_set(report, -EINVAL, NULL,
	                      "%s%s is a whole record: expected a field, %s%s.FIELD=VALUE",
	                      ref->record->name, index, ref->record->name, index);
}

int vdk_field_parse(const struct vdk_field_ref *ref, const char *text, size_t length, void *value,
                    struct vdk_report *report)
{
	const struct target target = {.ref = ref, .field = ref->field, .report = report};
	uint8_t *field;

	if (!ref->field)
		return whole_record(ref, report);
	field = (uint8_t *)value + ref->field->offset;
	if (ref->index == VDK_FIELD_ALL)
		return parse_array(&target, text, length, field);
	return parse_one(&target, text, length, field + (size_t)ref->index * ref->field->size);
}
