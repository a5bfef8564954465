/* SPDX-License-Identifier: MIT */
#ifndef TORN_PAGE_H
#define TORN_PAGE_H

/* Records of which a mixture of two updates can be told from one update. */

#include <vdk/record.h>

/* Small: both copies and the sequence share one cache line. */
struct small {
	uint64_t count, three_times;
};
VDK_RECORD(small);

/* Large: filled in place, some dozen cache lines. */
#define LARGE_WORDS 100
struct large {
	uint64_t count;
	uint32_t cpu;
	uint32_t reserved;
	uint64_t word[LARGE_WORDS]; /* count + index */
};
VDK_RECORD(large);

/* What the guards turned away. */
struct dropped {
	uint64_t small, large;
};
VDK_RECORD(dropped);

#endif
