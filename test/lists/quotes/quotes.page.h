/* SPDX-License-Identifier: MIT */
/* A list between two single records, of a size that is no multiple of 8, and one that is small. */
#ifndef QUOTES_PAGE_H
#define QUOTES_PAGE_H

#include <vdk/record.h>

#define QUOTES 300

struct before {
	uint64_t value;
};
VDK_RECORD(before);

struct quote {
	uint64_t count, inverse;
	char symbol[6];
	struct {
		double price;
		uint32_t sizes[2];
	} level[2];
	uint8_t last;
};
VDK_RECORDS(quote, QUOTES);

struct tick {
	uint64_t count;
};
VDK_RECORDS(tick, 1);

struct after {
	uint64_t value;
};
VDK_RECORD(after);

#endif
