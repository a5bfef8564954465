/* SPDX-License-Identifier: MIT */
#ifndef SAMPLE_PAGE_H
#define SAMPLE_PAGE_H

#include <vdk/record.h>

/* Records whose fields are bound by equations, so that a torn one is seen: see sample.h. */

/* One cache line with both copies. */
struct pair {
	uint64_t count;
	uint64_t inverse; /* ~count */
	uint64_t triple;  /* 3 * count */
};
VDK_RECORD(pair);

/* Several cache lines, a size that is no multiple of 8, every kind. */
struct wide {
	uint64_t count;
	uint32_t words[61]; /* words[i] = count + i */
	float real;
	double exact;
	int8_t tiny;
	bool flag;
	char text[5];
	struct {
		int16_t price;
	} level[2];
};
VDK_RECORD(wide);

#endif
