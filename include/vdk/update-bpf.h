/* SPDX-License-Identifier: MIT */
#ifndef VDK_UPDATE_BPF_H
#define VDK_UPDATE_BPF_H

/**
 * vdk/update-bpf.h - feed a page from a BPF program: variables that the kernel itself writes
 *
 * Included by NAME.bpf.c, which takes the place of the update hook NAME.update.c where values are
 * the kernel's own. The programs in it are attached to whatever happens when the values change: a
 * tracepoint, a function's entry or exit, a timer. They write the records into a page that
 * attached programs read as any other:
 *
 *     #include <linux/bpf.h>             // or "vmlinux.h"
 *     #include <bpf/bpf_helpers.h>
 *     #include <vdk/update-bpf.h>
 *     #include "ticks.page.h"
 *
 *     VDK_BPF_PAGE();
 *     char LICENSE[] SEC("license") = "GPL";
 *
 *     SEC("fentry/update_vsyscall")       // at each update of the kernel's own vDSO data
 *     int on_update(void *context)
 *     {
 *             struct ticks now = {.count = bpf_jiffies64()};
 *
 *             vdk_bpf_write(ticks, &now);
 *             vdk_bpf_touch();
 *             return 0;
 *     }
 *
 * Compile and publish it:
 *
 *     clang $(vdk flags --bpf) -c ticks.bpf.c -o ticks.bpf.o
 *     vdk publish ticks ticks.so --bpf ticks.bpf.o
 *
 * No offset stands in the source: `vdk publish` takes the image's layout, checks that the program
 * was compiled with the same records, and fills their places in before the kernel sees the program.
 *
 * Who may write when
 * ------------------
 * A program of BPF runs on several CPUs at once, and one that interrupts another runs inside of
 * it. A record has one writer at a time all the same: each has a guard, a word behind the page
 * that no reader maps. Who finds the guard taken does not wait, since it may have interrupted the
 * holder; it gives up with -VDK_BPF_EBUSY, and its update is dropped in favour of the other one. So
 *
 *   - write values, not differences: a counter belongs into a BPF map, and what it has come to into
 *     the record;
 *   - what each CPU writes for itself belongs into a record for each CPU, or
 *   - let one event that happens one at a time collect it for all CPUs: update_vsyscall() runs
 *     under the kernel's timekeeper lock.
 *
 * No BPF program ever stops half-way, so no guard is ever left behind by a publisher that died;
 * its programs end their last run before the kernel lets go of them.
 *
 * Which event to choose
 * ---------------------
 * The page is as fresh as its last event, and each event costs what the program costs, on the CPU
 * and in the context where it happens. An update takes some tens of nanoseconds, so an event that
 * comes a thousand times a second is no burden, and one of each packet or each context switch is
 * to be thought over: count in a map there, and write the record at a slower event. An event that
 * may not come for a long time, of an idle machine for instance, leaves a page that is old and
 * right; say by --void-after whether readers should believe it.
 *
 * fentry and fexit are attached to a function of the kernel by its name, which no kernel promises
 * to keep. update_vsyscall() is that of the kernel's own vDSO data: 100 to 1000 times a second,
 * one CPU at a time. Tracepoints are kept longer, and a timer needs no event at all: programs in
 * the section perf_event run by the publisher's --every.
 *
 * The object is loaded on the machine where it runs. What the kernel there does not have is said
 * by `vdk publish --bpf`, and not found out by readers. Where a kernel refuses BPF altogether, an
 * update hook that asks for the same values in user space can take the object's place: image and
 * records stay what they are.
 *
 * What is different for readers
 * -----------------------------
 * Nothing in the image and in its functions. The page is memory of the kernel that is mapped
 * read-only, and its header is written by BPF, too: epoch and publisher at each take-over, and
 * void_after and as_of there and by vdk_bpf_touch(). Of a program that never touches, the take-over
 * is the last sign of life, and after --void-after its values are void.
 *
 * `vdk set` and other writers from user space are refused, since the map is frozen once it is
 * made. The BPF programs stay attached as long as `vdk publish` runs; when it ends, readers keep
 * the page with its last values.
 *
 * What the verifier asks
 * ----------------------
 * The kernel proves each program before it runs: every pointer is held against NULL, every index
 * against a bound that it can see, and a loop has an end. The macros here pass, as long as what
 * vdk_bpf_begin() returns is compared with NULL before it is used. A large record does not fit on
 * the 512 bytes of a BPF stack: begin it, fill it in place, and commit it. In place means the copy
 * that no reader is told to read, so that filling it slowly hurts nobody but other writers.
 *
 * How to look at it
 * -----------------
 * `vdk watch NAME` prints the records as they change, and `vdk ls` the page's age. bpf_printk() in
 * the program goes to the kernel's trace pipe. An update that is dropped leaves no trace by itself:
 * whoever wants to know how many were counts them in a map, or in a field that the next update
 * publishes. The whole of a publisher, loops over CPUs and a record that is filled in place among
 * it, is kernel/bpf/runqueue in vdk's source.
 *
 * Synchronisation table
 * ---------------------
 * W1-W4 and R1-R4 are the steps of vdk/page.h, and so are (a)-(d), what goes wrong without. BPF
 * has no acquire load, no release store and no fence. Its atomics that return the old value (xchg,
 * cmpxchg, fetch-and-add) are acquire and release in one: LOCK on x86-64; on arm64 the AL forms, or
 * a store-release and dmb ish (linux: arch/arm64/net/bpf_jit_comp.c). So each step that needs an
 * order is such an atomic, and nothing here leans on the order that x86-64 gives by itself.
 *
 *   step                            order              gives
 *   G1 cmpxchg guard 0 -> 1         acquire (release)  it reads from G2 of the writer before, so
 *                                                      that one's W4 happens before our W1 (a) and
 *                                                      our W3 (b): it does what W2 does
 *   W1 s = load sequence            relaxed            nobody else writes it meanwhile
 *   W3 fill copy[(s+1) % 2]         plain              between G1 and W4
 *   W4 xchg sequence = s + 1        release (acquire)  all of W3 is seen before it (c)
 *   G2 xchg guard = 0               release (acquire)  the next G1 sees all of it
 *
 * The same CPU's next update is ordered as another one's: an acquire that reads what a release
 * atomic of the same CPU stored is not done before it. The compiler keeps W3 between G1 and W4,
 * since both clobber memory.
 *
 * Signs of life
 * -------------
 * The page's as_of and void_after are the kernel's word here, and not that of a process beside it:
 * vdk_bpf_touch() stores the time of the call. One event that comes again and again should call
 * it; an event that may stay away for long does not vouch for the values by its absence.
 *
 * Limits: a record's tag has at most 39 bytes, and a value that is passed by pointer lies on BPF's
 * stack of 512 bytes: fill larger ones in place, by vdk_bpf_begin(). One source file in an object
 * includes this header. Linux 5.14 or later, for what takes a page over.
 */

#include <vdk/format.h>

/** What an update is dropped with: -16 as EBUSY. */
#define VDK_BPF_EBUSY 16
/** The program was loaded by somebody else than vdk, without a page: -19 as ENODEV. */
#define VDK_BPF_ENODEV 19

/* ---- Between the object and its loader ---------------------------------------------------- */

/* The sections and the map that a loader looks for. */
#define VDK_BPF_PLACES ".rodata.vdk"
#define VDK_BPF_TERMS ".rodata.vdkterms"
#define VDK_BPF_MAP "vdk_page"
#define VDK_BPF_TAKE_OVER "vdk_take_over"

#define VDK_BPF_MAGIC 0x62666b76u /* "vkfb", little-endian */
#define VDK_BPF_TAG_MAX 40

/**
 * struct vdk_bpf_place - where one record lies; an array of them is the section VDK_BPF_PLACES
 *
 * All but `offset` and `guard` is compiled in; the loader checks it against the image's table and
 * fills those two. The verifier then sees constants.
 */
struct vdk_bpf_place {
	uint32_t magic; /* VDK_BPF_MAGIC */
	uint32_t size;  /* of the struct */
	uint32_t copy_offset;
	uint32_t copy_stride;
	uint32_t offset; /* of the slot from the page's start; filled by the loader */
	uint32_t guard;  /* of the guard from the page's start; filled by the loader */
	char tag[VDK_BPF_TAG_MAX];
};

/** struct vdk_bpf_terms - what the publisher was asked for; filled by the loader */
struct vdk_bpf_terms {
	uint64_t limit; /* ns that values are good for after vdk_bpf_touch(); 0: for ever */
	uint32_t size;  /* of the map; 0: not loaded by vdk */
	uint32_t reserved;
};

/** struct vdk_bpf_taker - argument of the program that takes the page over, once for each start */
struct vdk_bpf_taker {
	uint64_t pid;
	uint64_t uid;
};

/** From one guard to the next behind the page, in bytes: one cache line for each record. */
#define VDK_BPF_GUARD_STRIDE 64u

#ifdef __bpf__

#include <vdk/bits/update-bpf.h>

/**
 * VDK_BPF_PAGE() - the page, at file scope, once
 *
 * Defines the map that is the page, and the program by which a publisher that starts becomes known
 * in its header: user space cannot write there, since the map is frozen.
 */
#define VDK_BPF_PAGE() VDK_BPF_PAGE_()

/**
 * vdk_bpf_begin() - begin an update of a record, in place
 * @tag: the record, as in VDK_RECORD(tag)
 *
 * What is returned is the copy that no reader is told to read. It holds what was written two
 * updates ago: set every field. End with vdk_bpf_commit() or vdk_bpf_cancel() on every path;
 * an update that is left open keeps the record from ever being written again.
 *
 * Return:   struct tag *; NULL somebody else is in the middle of an update (drop this one), or the
 *           program was not loaded by vdk.
 * Barriers: G1, W1.
 */
#define vdk_bpf_begin(tag_)                                                                        \
	((struct tag_ *)vdk_bpf_begin_(&vdk_page, &vdk_terms, &vdk_place_##tag_))

/** vdk_bpf_commit() - publish what was begun: readers see all of it from now on. Steps W4, G2 */
#define vdk_bpf_commit(tag_) vdk_bpf_end_(&vdk_page, &vdk_terms, &vdk_place_##tag_, 1)

/** vdk_bpf_cancel() - drop what was begun. Step G2 */
#define vdk_bpf_cancel(tag_) vdk_bpf_end_(&vdk_page, &vdk_terms, &vdk_place_##tag_, 0)

/**
 * vdk_bpf_write() - publish a new value of a record
 * @value: const struct tag *, on the stack or in a map
 *
 * Readers see the value before or this one, whole.
 *
 * Return: 0; -VDK_BPF_EBUSY somebody else is in the middle of an update, and this one is dropped;
 *         -VDK_BPF_ENODEV as vdk_bpf_begin().
 */
#define vdk_bpf_write(tag_, value) vdk_bpf_write_(tag_, value)

/**
 * vdk_bpf_touch() - a sign of life: the values are good for another --void-after from now
 *
 * Barriers: none; two plain stores, void_after first.
 */
#define vdk_bpf_touch() vdk_bpf_touch_(&vdk_page, &vdk_terms)

#endif
#endif
