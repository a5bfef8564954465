/* SPDX-License-Identifier: MIT */
#ifndef VDK_UPDATE_H
#define VDK_UPDATE_H

/**
 * vdk/update.h - write the hook that feeds a page
 *
 * Included by NAME.update.c, the third file of a vDSO's folder. It defines one function, which is
 * called again and again and writes the records:
 *
 *     #include <vdk/update.h>
 *     #include "notb.page.h"
 *
 *     VDK_UPDATE(u)
 *     {
 *             struct notb now = {666};
 *
 *             vdk_write(u, notb, &now);
 *     }
 *
 * In user space `vdk build` makes a module of it, NAME.update.so, which `vdk publish` loads and
 * calls on its schedule (--every). In a kernel that has the vDSO baked in, the same source is
 * compiled into the tree and called when the kernel updates its own vDSO data. A hook that is
 * meant for both uses only this header and its arguments; one for user space alone may use libc.
 *
 * Manners of a hook
 * -----------------
 *   - Return soon: while it runs, no heartbeat is given and, in a kernel, interrupts are off.
 *   - Write a record as a whole, from a local variable: whatever was not set is then zero.
 *   - Keep what must survive between two calls in static variables.
 *   - Where a value could not be had, say so with vdk_update_fail() instead of writing a wrong
 *     one: the page then grows old, and its readers can see that.
 *
 * What readers see meanwhile
 * --------------------------
 * A record is published by vdk_write(), not by the hook's return: a hook that writes two records
 * shows the first one a little earlier. The page's time, which vdk_as_of() and `vdk ls` tell, is
 * that of the last call without a failure. A hook that is killed half-way, with its publisher,
 * leaves each record as it was or as it was to be; the next publisher's first call has `count`
 * 0, and may ask by vdk_last() what was published before it: a counter that must not go back
 * begins there.
 *
 * Threads: the hook is called by one thread. Signals: it may be interrupted by them.
 */

#include <vdk/record.h>

#ifdef __KERNEL__
/* `vdk bake` puts this file beside the source: the same macros on the kernel's own page. */
#include <vdk/update-kernel.h>
#else

#include <vdk/bits/update.h>

/** What the module and its caller must agree on; one more at each incompatible change. */
#define VDK_UPDATE_VERSION 1u

/* One place in the source that writes a record: finding the record by name is done once. */
struct vdk_update_site {
	const char *tag;
	uint32_t size;
	const void *owner;  /* the struct vdk_update that `record` belongs to */
	const void *record;
};

/**
 * struct vdk_update - what a hook is called with; times in ns
 *
 * New members are added at the end and `size` tells how many there are.
 */
struct vdk_update {
	uint32_t size;
	int error;       /* set by vdk_update_fail() or a failed write; reset before each call */
	uint64_t now;    /* CLOCK_MONOTONIC at the call, in the initial time namespace */
	uint64_t period; /* between two calls as asked for; 0: there is one call only */
	uint64_t count;  /* calls before this one; 0 in the first after a start */
	uint64_t epoch;  /* of the page: differs from publisher to publisher */

	/* Behind the macros below; @value has site->size bytes. Return 0 or a negative errno. */
	int (*write)(struct vdk_update *u, struct vdk_update_site *site, const void *value);
	int (*read)(struct vdk_update *u, struct vdk_update_site *site, void *value);

	/*
	 * Set by a hook that cannot wait for its next turn: a descriptor, and the hook is called
	 * as soon as it is readable, besides its schedule. The hook reads it empty and owns it. -1
	 * (as it is at first): none. Since `size` covers it.
	 */
	int wake_fd;

	/*
	 * 1: nobody reads the page, and this is the last call until somebody does (`vdk publish
	 * --idle`). For what must not be believed meanwhile, beyond the page's own void_after;
	 * most hooks have nothing to do. Since `size` covers it.
	 */
	uint32_t idle;

	/* Behind vdk_write_at() and vdk_last_at(). Since `size` covers them. */
	int (*write_at)(struct vdk_update *u, struct vdk_update_site *site, uint64_t index,
	                const void *value);
	int (*read_at)(struct vdk_update *u, struct vdk_update_site *site, uint64_t index,
	               void *value);
};

/** The one symbol of a module, `vdk_update_module`. */
struct vdk_update_module {
	uint32_t version; /* VDK_UPDATE_VERSION */
	uint32_t size;    /* sizeof(struct vdk_update) that it was compiled with */
	void (*hook)(struct vdk_update *u);
};

/**
 * VDK_UPDATE() - define the hook
 * @u: what to call its parameter, a struct vdk_update *
 */
#define VDK_UPDATE(u) VDK_UPDATE_MODULE_(u)

/**
 * vdk_write() - publish a new value of a record
 * @u:     the hook's parameter
 * @tag:   the record, as in VDK_RECORD(tag)
 * @value: const struct tag *; not retained
 *
 * Readers see the value before or this one, whole. The result may be ignored: a failure is noted
 * in @u and reported by the caller of the hook.
 *
 * Return: 0; -ETIMEDOUT another writer of the page was stopped inside an update; -EINVAL the page
 *         has no such record of that size, so module and image were not built together.
 */
#define vdk_write(u, tag, value) vdk_write_(u, tag, value)

/**
 * vdk_last() - the value that a record has now
 * @value: struct tag *; zeroes when the record was never written
 *
 * For a hook that goes on from what its predecessor published: it may have been another process.
 *
 * Return: 0; -ENODATA never written; -EINVAL as vdk_write().
 */
#define vdk_last(u, tag, value) vdk_last_(u, tag, value)

/**
 * vdk_write_at() - publish a new value of one record of a list
 * @tag:   the list, as in VDK_RECORDS(tag, n)
 * @index: which, from 0 on
 *
 * Return: as vdk_write(); -ERANGE the list has no such record.
 */
#define vdk_write_at(u, tag, index, value) vdk_write_at_(u, tag, index, value)

/**
 * vdk_last_at() - the value that one record of a list has now
 * @value: struct tag *; zeroes when it was never written
 *
 * Return: as vdk_last(); -ERANGE the list has no such record.
 */
#define vdk_last_at(u, tag, index, value) vdk_last_at_(u, tag, index, value)

/**
 * vdk_update_fail() - the values cannot be vouched for this time
 * @error: a negative errno that says why
 *
 * The page gets no heartbeat from this call; void_after makes that visible to readers.
 */
#define vdk_update_fail(u, error_) ((void)((u)->error = (error_)))

#endif
#endif
