/* SPDX-License-Identifier: MIT */
/*
 * A vDSO that reads every type, overrides standard functions, uses a second version node, helpers
 * in another file and the functions that compilers insert.
 */
#include <vdk/vdso.h>

#include "alltypes.page.h"
#include "helper.h"

VDK_FUNCTION(int, read_plain, (struct plain *out))
{
	return vdk_read(plain, out);
}

VDK_FUNCTION(int, read_text, (struct text *out))
{
	return vdk_read(text, out);
}

VDK_FUNCTION(int, read_nested, (struct nested *out))
{
	return vdk_read(nested, out);
}

VDK_FUNCTION(int, read_big, (struct big *out))
{
	return vdk_read(big, out);
}

VDK_FUNCTION(double, distance, (const struct point *a, const struct point *b))
{
	return difference(a->x, b->x) + difference(a->y, b->y);
}

/* A switch that compilers like to make a table of. */
VDK_FUNCTION_VERSION("ACME_1.0", int, colour_value, (int colour))
{
	switch (colour) {
	case 0: return 17;
	case 1: return 23;
	case 2: return -5;
	case 3: return 1024;
	case 4: return 99;
	case 5: return 7;
	case 6: return 42;
	}
	return -1;
}

VDK_FUNCTION_VERSION("ACME_1.0", char, colour_letter, (int colour))
{
	static const char letters[] = "rgbcmyk";

	return colour >= 0 && colour < 7 ? letters[colour] : '?';
}

/* A constant table in the image, and a struct large enough for a call of memset and memcpy. */
VDK_FUNCTION(uint64_t, checksum, (uint64_t seed, const void *bytes, size_t size))
{
	static const uint64_t primes[] = {2, 3, 5, 7, 11, 13, 17, 19};
	const uint8_t *from = bytes;

	for (size_t i = 0; i < size; i++)
		seed = seed * 31 + from[i] * primes[i % 8];
	return seed;
}

VDK_FUNCTION(void, clear_big, (struct big *out))
{
	*out = (struct big){{0}};
}

VDK_FUNCTION(long, time, (long *seconds))
{
	return vdk_chain(time)(seconds);
}

VDK_FUNCTION(int, page_age, (int64_t monotonic, int64_t *age, uint64_t *epoch))
{
	*age = monotonic - vdk_as_of();
	*epoch = vdk_epoch();
	return vdk_void(monotonic);
}
