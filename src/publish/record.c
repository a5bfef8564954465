/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records in and out of an open page; the protocol itself is in latch.h. */
#include <errno.h>
#include <stdbool.h>

#include "publish/handle.h"
#include "publish/io.h"
#include "publish/latch.h"
#include "publish/lock.h"

static void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/* What one try came to, besides a negative errno. */
enum { TORN = 0, WHOLE = 1, NEVER_WRITTEN = 2 };

/*
 * The same protocol through pread(2). R1 and R4 are system calls of their own, so that R2 lies
 * between them; the fences keep this CPU's loads in that order inside the kernel too. An aligned
 * sequence of 8 bytes is moved whole by the copy routines of x86-64 and aarch64.
 */
static int try_pread(const struct vdk_page *page, const struct vdk_layout_record *record,
                     uint32_t slot, void *value, uint64_t *ret_sequence)
{
	uint64_t before, after;
	int error = vdk_read_at(page->fd, &before, sizeof(before), slot);           /* R1 */

	if (error || before == 0)
		return error ? error : NEVER_WRITTEN;
	vdk_fence(__ATOMIC_ACQUIRE);
	error = vdk_read_at(page->fd, value, record->size,
	                    (off_t)slot + record->copy_offset +
	                            (off_t)((before & 1) * record->copy_stride));   /* R2 */
	if (error)
		return error;
	vdk_fence(__ATOMIC_ACQUIRE);                                                /* R3 */
	error = vdk_read_at(page->fd, &after, sizeof(after), slot);                 /* R4 */
	*ret_sequence = before;
	return error ? error : before == after ? WHOLE : TORN;
}

static int try_read(struct vdk_page *page, const struct vdk_layout_record *record, uint32_t slot,
                    void *value, uint64_t *ret_sequence)
{
	int result;

	if (!page->map) {
		result = try_pread(page, record, slot, value, ret_sequence);
		return result == -ENODATA ? -EBADMSG : result; /* the file ends before the record */
	}
	result = vdk_latch_try_read(page->map + slot, record, value, ret_sequence);
	return result < 0 ? NEVER_WRITTEN : result ? WHOLE : TORN;
}

/* Where the slot of a list, or of a single record, lies in the page: below 2^32, by the layout. */
static bool find_slot(const struct vdk_layout_record *record, uint32_t index, uint32_t *ret_slot)
{
	if (index >= vdk_layout_slots(record))
		return false;
	*ret_slot = record->offset + index * vdk_layout_stride(record);
	return true;
}

int vdk_record_read_at(struct vdk_page *page, const struct vdk_layout_record *record,
                       uint32_t index, void *value, uint64_t *ret_sequence)
{
	uint64_t sequence = 0;
	uint32_t slot;

	if (!find_slot(record, index, &slot))
		return -ERANGE;
	for (int i = 0; i < VDK_PAGE_READ_TRIES; i++) {
		const int result = try_read(page, record, slot, value, &sequence);

		if (result == WHOLE) {
			if (ret_sequence)
				*ret_sequence = sequence;
			return 0;
		}
		if (result != TORN)
			return result == NEVER_WRITTEN ? -ENODATA : result;
		relax();
	}
	return -EAGAIN;
}

int vdk_record_read(struct vdk_page *page, const struct vdk_layout_record *record, void *value,
                    uint64_t *ret_sequence)
{
	return vdk_record_read_at(page, record, 0, value, ret_sequence);
}

/* L1-L4, for a handle that may write. */
static int begin(struct vdk_page *page)
{
	if (page->slot == 0)
		return -EPERM;
	if (page->edited)
		return -EBUSY;
	return vdk_lock_acquire(page);
}

int vdk_record_write_at(struct vdk_page *page, const struct vdk_layout_record *record,
                        uint32_t index, const void *value)
{
	uint32_t slot;
	int error;

	if (!find_slot(record, index, &slot))
		return -ERANGE;
	error = begin(page);
	if (error)
		return error;
	vdk_latch_write(page->map + slot, record, value);
	vdk_lock_release(page);
	return 0;
}

int vdk_record_write(struct vdk_page *page, const struct vdk_layout_record *record,
                     const void *value)
{
	return vdk_record_write_at(page, record, 0, value);
}

int vdk_record_edit_at(struct vdk_page *page, const struct vdk_layout_record *record,
                       uint32_t index, void **ret_value)
{
	uint32_t slot;
	int error;

	if (!find_slot(record, index, &slot))
		return -ERANGE;
	error = begin(page);
	if (error)
		return error;
	page->edited = record;
	page->edited_slot = slot;
	vdk_latch_current(page->map + slot, record, page->scratch);
	*ret_value = page->scratch;
	return 0;
}

int vdk_record_edit(struct vdk_page *page, const struct vdk_layout_record *record, void **ret_value)
{
	return vdk_record_edit_at(page, record, 0, ret_value);
}

void vdk_record_commit(struct vdk_page *page)
{
	if (!page->edited)
		return;
	vdk_latch_write(page->map + page->edited_slot, page->edited, page->scratch);
	page->edited = NULL;
	vdk_lock_release(page);
}

void vdk_record_cancel(struct vdk_page *page)
{
	if (!page->edited)
		return;
	page->edited = NULL;
	vdk_lock_release(page);
}
