/* SPDX-License-Identifier: MIT */
#ifndef NOTB_PAGE_H
#define NOTB_PAGE_H

#include <vdk/record.h>

/* The number of the beast, as it is at the moment: beasts might change. */
struct notb {
	int32_t vnotb;
};
VDK_RECORD(notb);

#endif
