/* SPDX-License-Identifier: MIT */
#ifndef GOOD_PAGE_H
#define GOOD_PAGE_H

#include <vdk/record.h>

struct good {
	int64_t number;
	char name[16];
	double ratio[3];
};
VDK_RECORD(good);

struct large {
	uint64_t values[64];
};
VDK_RECORD(large);

#endif
