/* SPDX-License-Identifier: MIT */
#include <vdk/vdso.h>

#include "quote.page.h"

/* The whole quote; 0, or a negative errno as in vdk_read(). */
VDK_FUNCTION(int, quote_read, (struct quote *quote))
{
	struct quote now;
	const int error = vdk_read(quote, &now);

	if (!error)
		*quote = now;
	return error;
}

/* Twice the middle price, so that it stays a whole number; 0 when there is no quote. */
VDK_FUNCTION(int64_t, quote_middle, (void))
{
	struct quote now;

	return vdk_read(quote, &now) ? 0 : now.bid + now.offer;
}
