/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_CHECK_EH_H
#define VDK_CHECK_EH_H

/*
 * The search table of .eh_frame_hdr and the entries of .eh_frame that it leads to, read within
 * bounds. LSB core specification, "Exception frames". Offsets are in the segment.
 */

#include "internal.h"

struct fde {
	uint64_t start, size; /* the code that it describes */
	uint64_t offset;      /* of the entry itself */
	uint64_t cost;   /* bytes of this entry and its CIE: what one look-up in it reads */
};

struct eh {
	struct fde *fdes; /* in the order of the table */
	uint32_t count;
	uint64_t frame_offset; /* of .eh_frame */
	struct problem problem;
};

/* Always leaves a valid @ret; @ret->problem says what could not be read. */
void eh_read(struct check *check, struct eh *ret);
void eh_free(struct eh *eh);

#endif
