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
	uint8_t *scratch;                       /* of an edit, VDK_RECORD_MAX bytes */
	struct vdk_layout *layout;
	char object[256];
};

static inline struct vdk_page_header *vdk_page_header(const struct vdk_page *page)
{
	return (struct vdk_page_header *)page->map;
}

/* lock.c; L1-L5 of vdk/page.h. */
int vdk_lock_claim(struct vdk_page *page, struct vdk_report *report);
int vdk_lock_wait(struct vdk_page *page);

static inline int vdk_lock_acquire(struct vdk_page *page)
{
	uint64_t *word = &vdk_page_header(page)->lock;
	uint64_t free_word = __atomic_load_n(word, __ATOMIC_RELAXED) & ~(uint64_t)0xff;

	/* L1. A lock that is held makes this fail: its low byte is not 0. */
	if (__builtin_expect(__atomic_compare_exchange_n(word, &free_word,
	                                                 (free_word + 0x100) | page->slot, 0,
	                                                 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED),
	                     1))
		return 0;
	return vdk_lock_wait(page);
}

static inline void vdk_lock_release(struct vdk_page *page)
{
	uint64_t *word = &vdk_page_header(page)->lock;
	const uint64_t held = __atomic_load_n(word, __ATOMIC_RELAXED);

	__atomic_store_n(word, held & ~(uint64_t)0xff, __ATOMIC_RELEASE); /* L5 */
}

#endif
