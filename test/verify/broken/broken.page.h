/* SPDX-License-Identifier: MIT */
#ifndef BROKEN_PAGE_H
#define BROKEN_PAGE_H

#include <vdk/record.h>

/* Never written: there is a page so that processes are told of their time namespace. */
struct broken {
	int nothing;
};
VDK_RECORD(broken);

#endif
