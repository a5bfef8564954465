/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_PUBLISH_HANDLE_H
#define VDK_PUBLISH_HANDLE_H

/* What a struct vdk_page is made of, for the files that open, lock, read and write one. */

#include <stdbool.h>
#include <stdint.h>

#include <vdk/format.h>
#include <vdk/page.h>
#include <vdk/record.h>

struct vdk_page {
	uint8_t *map; /* NULL: read by pread(2) */
	int fd;
	bool is_map;   /* a BPF map, which is always mapped: it has no pread(2), nor can it shrink */
	int lock_fd;   /* carries this handle's slot; equal to fd when the page carries it itself */
	uint64_t slot; /* 1..255; 0: not open for writing */
	const struct vdk_layout_record *edited; /* NULL: no edit is open */
	uint32_t edited_slot;                   /* of it, from the page's start */
	uint8_t *scratch;                       /* of an edit, VDK_RECORD_MAX bytes */
	struct vdk_layout *layout;
	char object[256];
};

static inline struct vdk_page_header *vdk_page_header(const struct vdk_page *page)
{
	return (struct vdk_page_header *)page->map;
}

#endif
