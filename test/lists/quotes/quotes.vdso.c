/* SPDX-License-Identifier: MIT */
#include <vdk/vdso.h>

#include "quotes.page.h"

_Static_assert(vdk_count(quote) == QUOTES && vdk_count(tick) == 1, "vdk_count() is a constant");

/* The index as each type that a caller may have it in. */
VDK_FUNCTION(int, quote_signed, (int index, struct quote *out))
{
	return vdk_read_at(quote, index, out);
}

VDK_FUNCTION(int, quote_unsigned, (uint32_t index, struct quote *out))
{
	return vdk_read_at(quote, index, out);
}

VDK_FUNCTION(int, quote_long, (int64_t index, struct quote *out))
{
	return vdk_read_at(quote, index, out);
}

VDK_FUNCTION(int, quote_size, (uint32_t index, uint32_t level, uint32_t *out))
{
	return level < 2 ? vdk_read_field_at(quote, index, level[level].sizes[1], out) : -VDK_ERANGE;
}

/* The index is asked for once. */
VDK_FUNCTION(int, quote_next, (uint32_t *index))
{
	uint64_t count;
	const int error = vdk_read_field_at(quote, (*index)++, count, &count);

	return error ? error : (int)count;
}

VDK_FUNCTION(int64_t, quote_edges, (void))
{
	struct before before;
	struct after after;
	struct tick tick;

	if (vdk_read(before, &before) || vdk_read(after, &after) || vdk_read_at(tick, 0, &tick))
		return -VDK_ENODATA;
	return (int64_t)(before.value * 10000 + after.value * 100 + tick.count);
}
