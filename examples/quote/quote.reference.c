/* SPDX-License-Identifier: MIT */
/*
 * What `vdk verify` asks quote's functions. What the price is nobody but the service knows, so
 * what is asked is what holds of every quote: 1.
 */
#include <vdk/reference.h>

#include "quote.page.h"

#define ENODATA 61 /* no quote yet */

VDK_REFERENCE(int, quote_read, (struct quote *quote),
	      ({ struct quote now; const int error = quote_read(&now);
	         error ? error == -ENODATA : now.bid <= now.offer && now.symbol[7] == '\0'; }), 0)
{
	return 1;
}

VDK_REFERENCE(int64_t, quote_middle, (void), quote_middle() >= 0, 0)
{
	return 1;
}
