/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VDK_UPDATE_KERNEL_H
#define VDK_UPDATE_KERNEL_H

/*
 * vdk/update-kernel.h - the update hook of a vDSO, in the kernel
 *
 * The kernel's half of <vdk/update.h>. A hook is called by update_vsyscall() whenever timekeeping
 * publishes new values for the vDSO, under timekeeper_lock and with interrupts off, and while
 * readers of the clocks wait for the end of the update: it must be short, must not sleep, and must
 * not ask for the time, which is in its argument.
 *
 * What readers see: a record is a latch, two copies and a sequence that tells which one is whole.
 * So readers never wait, not even for a hypervisor that runs something else in the middle of an
 * update. No two hooks run at the same time, which is what the lock is for.
 */

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/types.h>

#include <asm/barrier.h>

struct timekeeper;

/**
 * struct vdk_update - what a hook is called with; times in ns
 * @error:  set by vdk_update_fail(); nobody in the kernel asks for it
 * @now:    CLOCK_MONOTONIC of this update, in the initial time namespace
 * @period: between two updates as far as is known: a tick, more on idle CPUs
 * @count:  updates before this one since boot
 * @epoch:  1: there is one publisher from boot to shutdown
 */
struct vdk_update {
	int error;
	u64 now;
	u64 period;
	u64 count;
	u64 epoch;
};

/* Calls every hook of this kernel. */
void vdk_update_vsyscall(const struct timekeeper *tk);

/* The Makefile gives the hook of each file a name. */
#define VDK_UPDATE(u)							\
	void VDK_UPDATE_HOOK(struct vdk_update *u);			\
	void VDK_UPDATE_HOOK(struct vdk_update *u)

/*
 * Order: the first barrier keeps the new copy's stores behind the sequence that made readers leave
 * that copy; the release keeps them before the one that sends readers there.
 */
#define vdk_write(u, tag, from)						\
({									\
	const u64 vdk_next_ = vdk_record_##tag.sequence + 1;		\
									\
	static_assert(__same_type(*(from), struct tag),			\
		      "vdk_write(" #tag "): not a struct " #tag);	\
	smp_wmb(); /* pairs with the second smp_rmb() of vdk_read() */	\
	vdk_record_##tag.copy[vdk_next_ & 1].value = *(from);		\
	/* Pairs with the first one. */					\
	smp_store_release(&vdk_record_##tag.sequence, vdk_next_);	\
	vdk_written_(u);						\
})

/* Nobody else writes while a hook runs: a plain copy does. */
#define vdk_last(u, tag, to)						\
({									\
	const u64 vdk_now_ = vdk_record_##tag.sequence;			\
									\
	static_assert(__same_type(*(to), struct tag),			\
		      "vdk_last(" #tag "): not a struct " #tag);	\
	*(to) = vdk_record_##tag.copy[vdk_now_ & 1].value;		\
	vdk_now_ ? vdk_written_(u) : -ENODATA;				\
})

#define vdk_update_fail(u, code) ((void)((u)->error = (code)))

static inline int vdk_written_(const struct vdk_update *u)
{
	return 0;
}

#endif
