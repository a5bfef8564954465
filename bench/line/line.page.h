/* SPDX-License-Identifier: MIT */
#ifndef LINE_PAGE_H
#define LINE_PAGE_H

#include <vdk/record.h>

/* The smallest: sequence and both copies share one cache line. */
struct packed {
	uint64_t value;
};
VDK_RECORD(packed);

/* The largest of that kind. */
struct packed24 {
	uint64_t value[3];
};
VDK_RECORD(packed24);

/*
 * A whole cache line of payload. In every record of this page all words are equal, so that a torn
 * read shows.
 */
struct line {
	uint64_t value[8];
};
VDK_RECORD(line);

/* How the cost of a read grows with the size. */
struct size256 {
	uint64_t value[32];
};
VDK_RECORD(size256);

struct size1024 {
	uint64_t value[128];
};
VDK_RECORD(size1024);

struct size4096 {
	uint64_t value[512];
};
VDK_RECORD(size4096);

struct size16384 {
	uint64_t value[2048];
};
VDK_RECORD(size16384);

#endif
