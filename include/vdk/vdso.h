/* SPDX-License-Identifier: MIT */
#ifndef VDK_VDSO_H
#define VDK_VDSO_H

/**
 * vdk/vdso.h - write the functions of a vDSO
 *
 * Included by NAME.vdso.c, which `vdk build` compiles and links into an image. The code runs
 * inside other people's programs, on whatever stack and thread they call from, so it lives by the
 * rules of a kernel's vDSO:
 *
 *   - no libc, no errno, no thread-local data, no writable data, no constructors;
 *   - no system call where the answer is in the page; where it is not, a chain;
 *   - errors are negative errno values in the return value, never -1;
 *   - a little stack only: Go calls from a small one.
 *
 * `vdk build` compiles with the flags that keep these rules and `vdk check` proves the result.
 *
 *     #include <vdk/vdso.h>
 *     #include "notb.page.h"
 *
 *     VDK_FUNCTION(int, vget_number_of_the_beast, (void))
 *     {
 *             struct notb now;
 *             int err = vdk_read(notb, &now);
 *
 *             return err ? err : now.vnotb;
 *     }
 *
 * What a function may use
 * -----------------------
 * All of C that needs no library: the parameters, local variables, static const tables, static
 * helper functions, floating point, the compiler's builtins. Structs may be assigned and compared
 * field by field; where the compiler makes a memcpy(), memmove(), memset() or memcmp() of it, the
 * kit brings that along. A table that holds addresses, of strings or of functions, would have to
 * be relocated and is refused: write a switch, or an array of char arrays. Headers of the C library
 * may be included for their types and constants; whoever calls what they declare is told so by
 * `vdk build`, with the name of the symbol.
 *
 * A variable that is written, in any form, is refused: the image is mapped read-only, and shared
 * by all programs. What must be remembered from call to call belongs to the caller, who passes a
 * pointer, or to the publisher, who puts it into a record.
 *
 * A function is called by people who cannot see its source, with any arguments at all. A pointer
 * that leads nowhere may end in SIGSEGV, as in the kernel's own vDSO; an index must be held against
 * its bounds before it is used, and an enumeration against its values.
 *
 * When there is no value
 * ----------------------
 * vdk_read() tells three states apart, and each has its own right answer. Never written: the
 * publisher has not begun, so hand -VDK_ENODATA on, or fall back to the kernel. Not to be had now,
 * -VDK_EAGAIN: writers without pause; a caller may simply ask again. Void, as vdk_void() says: the
 * publisher is dead or hangs, and the last value is there, whole, and old; only the function's
 * author knows whether an old value is better than none. A function that answers for a standard
 * one never has to choose, since the kernel's own is there to be called.
 *
 * How an interface grows
 * ----------------------
 * Programs that were linked with an image's stub run with a later image, as with any library: a
 * function's name, parameters and meaning stay, new ones are added. Where a struct that is filled
 * for the caller may grow, let the caller say how large his is, and fill as much. A program that
 * must run without the function looks it up by vdk/lookup.h, and gets NULL.
 *
 * Signals and threads: every function of this header may be used from signal handlers and from
 * any number of threads; none of them blocks, allocates or writes shared memory.
 */

#include <vdk/record.h>

/* The only errno values that this header's own functions return (negated). */
#define VDK_EAGAIN 11  /* a writer was faster than every one of our tries */
#define VDK_ERANGE 34  /* the list has no record of that number */
#define VDK_ENOSYS 38  /* "not me": the consumer then makes the system call */
#define VDK_ENODATA 61 /* the record was never written */

#ifdef __KERNEL__
/* `vdk bake` puts this file beside the source: the same macros on the kernel's own image. */
#include <vdk/vdso-kernel.h>
#else

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vdk/format.h>
#include <vdk/bits/vdso.h>

/**
 * VDK_FUNCTION() - define a function that the image exports
 * @ret:    its return type
 * @name:   its name; exported as strong __vdso_NAME and weak NAME
 * @params: its parameters in parentheses, with names; (void) for none
 *
 * The symbols carry version LINUX_2.6, the one that C libraries ask the kernel's vDSO for. To
 * answer for a standard function (clock_gettime, gettimeofday, time, getcpu, clock_getres,
 * getrandom), define it with this macro; the others are added as chain stubs. Their structs are
 * in <time.h> and <sys/time.h>, whose declarations may be included like those of any libc header;
 * calling what they declare is what `vdk build` refuses.
 */
#define VDK_FUNCTION(ret, name, params) VDK_FUNCTION_VERSION("LINUX_2.6", ret, name, params)

/**
 * VDK_FUNCTION_VERSION() - the same, under a version node of the author's choice
 * @version: the node's name as a string literal, for instance "ACME_1.0"
 */
#define VDK_FUNCTION_VERSION(version, ret, name, params)                                           \
	VDK_FUNCTION_(version, ret, name, params)

/* How often vdk_read() looks again before it gives up; see vdk_read(). */
#define VDK_READ_TRIES 1000

/**
 * vdk_read() - read a record as one consistent snapshot
 * @tag: the record, as in VDK_RECORD(tag)
 * @out: a struct tag *, best a local variable: fields that are not used afterwards cost nothing
 *
 * Never waits for a writer: a writer that was killed or stopped at any instruction leaves the
 * current copy whole. A try fails only when a writer published during the copy itself, and the
 * number of tries is bounded, so that the function ends whatever writers do.
 *
 * Return: 0; -VDK_ENODATA the record was never written; -VDK_EAGAIN every one of VDK_READ_TRIES
 *         tries met a newer update. After a failure @out may hold a torn mixture: do not use it.
 * Order:  see vdk/page.h, where the writer's half stands too. The load-acquire of the sequence
 *         keeps the copy's loads behind it; the acquire fence keeps them before the second look.
 *         If a load saw a byte of a later update, the second look must see that a newer sequence
 *         was published before it, and the try is discarded.
 */
#define vdk_read(tag, out) vdk_read_one_("vdk_read", tag, value, out)

/**
 * vdk_read_field() - read a part of a record: for one element of a long array, say
 * @field: a field of struct tag, with subscripts and members as in C: `bid[level].price`
 * @out:   a pointer to the field's type
 *
 * As vdk_read(), but nothing else of the record is copied. Two parts that are read by two calls
 * may be of two updates. Hold a subscript against the array's size before: it is not checked.
 */
#define vdk_read_field(tag, field, out) vdk_read_one_("vdk_read_field", tag, value.field, out)

/**
 * vdk_count() - how many records a list has, a constant
 * @tag: the list, as in VDK_RECORDS(tag, n)
 */
#define vdk_count(tag) (sizeof(vdk_record_##tag) / sizeof(vdk_record_##tag[0]))

/**
 * vdk_read_at() - read one record of a list as one consistent snapshot
 * @tag:   the list, as in VDK_RECORDS(tag, n)
 * @index: which: 0 to n - 1, of any integer type; any other value is refused
 * @out:   a struct tag *
 *
 * As vdk_read(): the bounds are one comparison, and the rest is the same instructions on the slot
 * of that number. Two records of a list that are read by two calls are two snapshots.
 *
 * Return: as vdk_read(); -VDK_ERANGE there is no such record, and @out is untouched.
 */
#define vdk_read_at(tag, index, out) vdk_read_at_(tag, index, value, out)

/**
 * vdk_read_field_at() - read a part of one record of a list
 * @field: as in vdk_read_field(): without the list's index, which is checked
 */
#define vdk_read_field_at(tag, index, field, out) vdk_read_at_(tag, index, value.field, out)

/* Placed by the linker script: the page directly before the image, the process page before that. */
extern const struct vdk_process_page vdk_process __attribute__((visibility("hidden")));
extern struct vdk_page_header vdk_page __attribute__((visibility("hidden")));

struct timespec;
struct timeval;
struct timezone;

/*
 * Types of the standard functions, as the x86-64 kernel has them. Where the result is an int, the
 * upper half of the register is undefined: calling through a type that returns long would take
 * -EINVAL for a large positive number.
 */
typedef int vdk_clock_gettime_fn(int32_t clock, struct timespec *time);
typedef int vdk_gettimeofday_fn(struct timeval *time, struct timezone *zone);
typedef long vdk_time_fn(long *seconds);
typedef long vdk_getcpu_fn(uint32_t *cpu, uint32_t *node, void *unused);
typedef int vdk_clock_getres_fn(int32_t clock, struct timespec *resolution);
typedef long vdk_getrandom_fn(void *buffer, size_t size, uint32_t flags, void *state,
                              size_t state_size);

/*
 * Every C library calls a standard function with exactly these parameters. The declarations make
 * the compiler refuse a VDK_FUNCTION() of such a name that has other ones ("conflicting types").
 */
extern vdk_clock_gettime_fn __vdso_clock_gettime;
extern vdk_gettimeofday_fn __vdso_gettimeofday;
extern vdk_time_fn __vdso_time;
extern vdk_getcpu_fn __vdso_getcpu;
extern vdk_clock_getres_fn __vdso_clock_getres;
extern vdk_getrandom_fn __vdso_getrandom;

/**
 * vdk_chain() - the function of the kernel's own vDSO
 * @name: one of the standard functions
 *
 *     VDK_FUNCTION(long, time, (long *seconds))
 *     {
 *             struct clock now;
 *
 *             if (vdk_read(clock, &now))
 *                     return vdk_chain(time)(seconds);
 *             if (seconds)
 *                     *seconds = now.seconds;
 *             return now.seconds;
 *     }
 *
 * Always callable: where the kernel's vDSO lacks the function it leads to a stub that makes the
 * system call. The result is the kernel's: 0 or more, or a negative errno.
 */
#define vdk_chain(name) ((vdk_##name##_fn *)(uintptr_t)vdk_process.chain[VDK_CHAIN_##name])

/**
 * vdk_void() - does the page's publisher no longer vouch for its values?
 * @monotonic: CLOCK_MONOTONIC now, in ns, as this process sees it; CLOCK_MONOTONIC_COARSE will do
 *
 * A page whose publisher never set a limit is never void. The time namespace of the process is
 * allowed for.
 *
 * Return: true when the page says void_after and that lies before @monotonic.
 * Order:  one relaxed load; the answer may be as old as the load.
 */
static inline bool vdk_void(int64_t monotonic)
{
	const uint64_t limit = __atomic_load_n(&vdk_page.void_after, __ATOMIC_RELAXED);

	return limit != 0 && monotonic - vdk_process.monotonic_offset > (int64_t)limit;
}

/**
 * vdk_as_of() - when did the publisher last show a sign of life?
 *
 * Return: ns of CLOCK_MONOTONIC as this process sees it; INT64_MIN when it never did.
 * Order:  one relaxed load.
 */
static inline int64_t vdk_as_of(void)
{
	const uint64_t as_of = __atomic_load_n(&vdk_page.as_of, __ATOMIC_RELAXED);

	return as_of ? (int64_t)as_of + vdk_process.monotonic_offset : INT64_MIN;
}

/** The epoch of the page: it differs from an earlier answer when another publisher took over. */
static inline uint64_t vdk_epoch(void)
{
	return __atomic_load_n(&vdk_page.epoch, __ATOMIC_RELAXED);
}

#endif
#endif
