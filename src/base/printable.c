/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A character of two bytes and more: its length, and what it is; 0: it is none (RFC 3629). */
static size_t decode(const unsigned char *text, size_t size, uint32_t *ret)
{
	const size_t length = *text >= 0xf0 ? 4 : *text >= 0xe0 ? 3 : 2;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t value = *text & (0x7fu >> length);

	if (*text < 0xc2 || *text > 0xf4 || size < length)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (text[i] & 0x3f);
	}
	if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*ret = value;
	return length;
}

static bool is_command(uint32_t c)
{
	return c < 0xa0 || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

void vdk_printable(char *text, size_t size)
{
	for (size_t i = 0; i < size;) {
		const unsigned char c = (unsigned char)text[i];
		size_t length = 1;
		uint32_t value = 0;
		bool bad = c != 0 && (c < ' ' || c == 0x7f);

		if (c >= 0x80) {
			length = decode((const unsigned char *)text + i, size - i, &value);
			bad = !length || is_command(value);
			length += !length;
		}
		if (bad)
			memset(text + i, '?', length);
		i += length;
	}
}
