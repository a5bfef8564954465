/* SPDX-License-Identifier: MIT */
#ifndef WORK_PAGE_H
#define WORK_PAGE_H

#include <vdk/record.h>

struct work {
	int64_t value[3];
};
VDK_RECORD(work);

#endif
