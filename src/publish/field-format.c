/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the bytes of a field to text and to the widest type of its kind. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/field.h>

/* Little-endian, possibly unaligned: a record may be packed. */
static uint64_t low_bytes(const struct vdk_layout_field *field, uint32_t index, const void *value)
{
	uint64_t bits = 0;

	memcpy(&bits, (const uint8_t *)value + field->offset + (size_t)index * field->size,
	       field->size);
	return bits;
}

uint64_t vdk_field_uint(const struct vdk_layout_field *field, uint32_t index, const void *value)
{
	return low_bytes(field, index, value);
}

int64_t vdk_field_int(const struct vdk_layout_field *field, uint32_t index, const void *value)
{
	const unsigned unused = 64 - field->size * 8;

	return (int64_t)(low_bytes(field, index, value) << unused) >> unused;
}

double vdk_field_float(const struct vdk_layout_field *field, uint32_t index, const void *value)
{
	const uint64_t bits = low_bytes(field, index, value);
	const uint32_t half = (uint32_t)bits;
	double wide;
	float narrow;

	memcpy(&narrow, &half, 4);
	memcpy(&wide, &bits, 8);
	return field->size == 4 ? (double)narrow : wide;
}

/* The fewest digits that strtod(3) makes the same value of. */
static int format_float(double value, uint32_t size, char *text, size_t room)
{
	const int most = size == 4 ? 9 : 17;
	int length = 0;

	for (int digits = size == 4 ? 6 : 15; digits <= most; digits++) {
		double back;

		length = snprintf(text, room, "%.*g", digits, value);
		back = strtod(text, NULL);
		if (size == 4 ? (float)back == (float)value : back == value)
			break;
	}
	return length;
}

int vdk_field_format(const struct vdk_layout_field *field, uint32_t index, const void *value,
                     char *text, size_t size)
{
	const char *string;
	int length = 0;

	switch (field->kind) {
	case VDK_KIND_UINT:
		length = snprintf(text, size, "%" PRIu64, vdk_field_uint(field, index, value));
		break;
	case VDK_KIND_INT:
		length = snprintf(text, size, "%" PRId64, vdk_field_int(field, index, value));
		break;
	case VDK_KIND_FLOAT:
		length = format_float(vdk_field_float(field, index, value), field->size, text,
		                      size);
		break;
	case VDK_KIND_BOOL:
		length = snprintf(text, size, "%s",
		                  vdk_field_uint(field, index, value) ? "true" : "false");
		break;
	case VDK_KIND_STRING:
		string = (const char *)value + field->offset + (size_t)index * field->size;
		length = snprintf(text, size, "%.*s", (int)strnlen(string, field->size), string);
		break;
	}
	return length < 0 || (size_t)length >= size ? -ENOSPC : length;
}
