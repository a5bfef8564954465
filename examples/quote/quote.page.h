/* SPDX-License-Identifier: MIT */
#ifndef QUOTE_PAGE_H
#define QUOTE_PAGE_H

#include <vdk/record.h>

/* The best bid and offer of one instrument: always read together, so that bid <= offer. */
struct quote {
	int64_t bid;    /* in hundredths */
	int64_t offer;  /* in hundredths */
	uint32_t bid_size, offer_size;
	char symbol[8];
};
VDK_RECORD(quote);

#endif
