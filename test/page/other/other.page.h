/* SPDX-License-Identifier: MIT */
#ifndef OTHER_PAGE_H
#define OTHER_PAGE_H

#include <vdk/record.h>

/* Another layout under the name of the sample. */
struct pair {
	uint32_t count;
};
VDK_RECORD(pair);

#endif
