/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The writers' lock: L1-L5 of the table in vdk/page.h. The uncontended way is inline in lock.h;
 * here is how a handle gets its slot and what it does when somebody else holds the lock.
 *
 * Invariant: the lock word names slot n only while the handle that owns slot n's byte is inside an
 * update, or after that handle died there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "publish/lock.h"

#define SLOT_BYTE(slot) (((off_t)1 << 40) + (off_t)(slot))
#define SLOTS 255
#define SPINS 200
#define NAP_NS 50000

static struct flock slot_lock(uint64_t slot)
{
	return (struct flock){
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SLOT_BYTE(slot), .l_len = 1};
}

int vdk_lock_claim(struct vdk_page *page, struct vdk_report *report)
{
	uint64_t *word = &vdk_page_header(page)->lock;
	const uint64_t start = (uint64_t)getpid();

	for (uint64_t i = 0; i < SLOTS; i++) {
		const uint64_t slot = 1 + (start + i) % SLOTS;
		struct flock lock = slot_lock(slot);
		uint64_t seen;
		int error;

		if (fcntl(page->lock_fd, F_OFD_SETLK, &lock) < 0) {
			error = errno;
			if (error == EAGAIN || error == EACCES)
				continue;
			return vdk_report_set(report, -error, page->object,
			                      "cannot lock a writer's slot: %s", strerror(error));
		}
		page->slot = slot;
		/* A word that names the slot that is ours now was left by a holder that died. */
		seen = __atomic_load_n(word, __ATOMIC_RELAXED);
		if ((seen & 0xff) == slot)
			__atomic_compare_exchange_n(word, &seen, (seen | 0xff) + 1, 0,
			                            __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
		return 0;
	}
	return vdk_report_set(report, -EUSERS, page->object,
	                      "%d writers have the page open; expected at most that many", SLOTS);
}

/* L3: nobody else's lock on the holder's byte means that the holder is gone. */
static bool holder_is_dead(const struct vdk_page *page, uint64_t slot)
{
	struct flock lock = slot_lock(slot);

	/* Asked about a lock of our own the kernel says "free"; and we do live. */
	if (slot == page->slot)
		return false;
	return fcntl(page->lock_fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_UNLCK;
}

static uint64_t look(const struct vdk_page *page)
{
	return __atomic_load_n(&vdk_page_header(page)->lock, __ATOMIC_RELAXED);
}

static bool take(struct vdk_page *page, uint64_t seen)
{
	const uint64_t mine = ((seen & ~(uint64_t)0xff) + 0x100) | page->slot;

	return __atomic_compare_exchange_n(&vdk_page_header(page)->lock, &seen, mine, 0,
	                                   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* L2: most holders are gone after some nanoseconds. */
static bool spin(struct vdk_page *page)
{
	for (int i = 0; i < SPINS; i++) {
		const uint64_t seen = look(page);

		if ((seen & 0xff) == 0 && take(page, seen))
			return true;
#if defined(__x86_64__)
		__builtin_ia32_pause();
#endif
	}
	return false;
}

int vdk_lock_wait(struct vdk_page *page)
{
	const struct timespec nap = {.tv_nsec = NAP_NS};
	const int64_t end = now_ms() + VDK_WRITER_PATIENCE_MS;

	do {
		uint64_t seen;

		if (spin(page))
			return 0;
		seen = look(page);
		if ((seen & 0xff) != 0 && holder_is_dead(page, seen & 0xff) &&
		    take(page, seen)) /* L4 */
			return 0;
		nanosleep(&nap, NULL);
	} while (now_ms() < end);
	return -ETIMEDOUT;
}
