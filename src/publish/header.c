/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The changing part of a page's header. Each field is one aligned word that is stored and loaded
 * whole (relaxed): nothing is concluded from two of them together.
 */
#include <errno.h>
#include <unistd.h>

#include "publish/handle.h"
#include "publish/io.h"
#include "publish/lock.h"

static void store(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELAXED);
}

int vdk_page_info(struct vdk_page *page, struct vdk_page_info *ret_info)
{
	struct vdk_page_header copy, *header = vdk_page_header(page);
	int error;

	if (!header) {
		error = vdk_read_at(page->fd, &copy, sizeof(copy), 0);
		if (error)
			return error == -ENODATA ? -EBADMSG : error;
		header = &copy;
	}
	*ret_info = (struct vdk_page_info){
		.epoch = __atomic_load_n(&header->epoch, __ATOMIC_RELAXED),
		.as_of = __atomic_load_n(&header->as_of, __ATOMIC_RELAXED),
		.void_after = __atomic_load_n(&header->void_after, __ATOMIC_RELAXED),
		.publisher_pid = __atomic_load_n(&header->publisher_pid, __ATOMIC_RELAXED),
		.publisher_uid = __atomic_load_n(&header->publisher_uid, __ATOMIC_RELAXED),
		.publisher_start = __atomic_load_n(&header->publisher_start, __ATOMIC_RELAXED),
	};
	return 0;
}

int vdk_page_touch(struct vdk_page *page, uint64_t now, uint64_t limit)
{
	struct vdk_page_header *header = vdk_page_header(page);

	if (page->slot == 0)
		return -EPERM;
	if (limit)
		store(&header->void_after, now + limit < now ? UINT64_MAX : now + limit);
	store(&header->as_of, now);
	return 0;
}

int vdk_page_vouch_forever(struct vdk_page *page)
{
	if (page->slot == 0)
		return -EPERM;
	store(&vdk_page_header(page)->void_after, 0);
	return 0;
}

int vdk_page_take_over(struct vdk_page *page)
{
	struct vdk_page_header *header = vdk_page_header(page);
	const uint64_t now = vdk_page_now();
	int error;

	if (page->slot == 0)
		return -EPERM;
	if (page->edited)
		return -EBUSY;
	error = vdk_lock_acquire(page);
	if (error)
		return error;
	store(&header->publisher_pid, (uint64_t)getpid());
	store(&header->publisher_uid, (uint64_t)geteuid());
	store(&header->publisher_start, now);
	store(&header->as_of, now);
	store(&header->epoch, __atomic_load_n(&header->epoch, __ATOMIC_RELAXED) + 1);
	vdk_lock_release(page);
	return 0;
}
