/* SPDX-License-Identifier: MIT */
#ifndef CELL_PAGE_H
#define CELL_PAGE_H

#include <vdk/record.h>

struct cell {
	int value;
};
VDK_RECORD(cell);

#endif
