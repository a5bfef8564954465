/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_PUBLISH_LOCK_H
#define VDK_PUBLISH_LOCK_H

/* The writers' lock of an open page: L1-L5 of the table in vdk/page.h. */

#include <vdk/report.h>

#include "publish/handle.h"

/* Own a slot, once for each handle that may write. */
int vdk_lock_claim(struct vdk_page *page, struct vdk_report *report);

/* L2-L4: somebody else holds it. Return: 0; -ETIMEDOUT. */
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
