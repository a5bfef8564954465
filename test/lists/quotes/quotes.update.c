/* SPDX-License-Identifier: MIT */
#include <vdk/update.h>

#include "quotes.page.h"

/* One quote after the other; the 4th call asks for one that is not there. */
VDK_UPDATE(u)
{
	struct quote quote;

	vdk_last_at(u, quote, u->count, &quote);
	quote.count++;
	quote.inverse = ~quote.count;
	vdk_write_at(u, quote, u->count == 3 ? QUOTES : u->count, &quote);
}
