/* SPDX-License-Identifier: MIT */
#ifndef VDK_RECORD_H
#define VDK_RECORD_H

/**
 * vdk/record.h - declare the records of a page
 *
 * This is the one header that a NAME.page.h includes. It is the same for the image that reads the
 * records, for the publisher that writes them and for a kernel that has them baked in, and it
 * needs neither a libc nor the rest of the kit.
 *
 * A record is an ordinary C struct: a group of variables that is always read and written as one
 * consistent snapshot. Declare the struct, then name it:
 *
 *     #include <vdk/record.h>
 *
 *     struct notb {
 *             int32_t vnotb;          // the number of the beast
 *     };
 *     VDK_RECORD(notb);
 *
 * Fields may be integers of 8 to 64 bits, float, double, bool, char arrays (text, padded with
 * NUL), arrays of any of these and nested structs. A pointer means nothing in another process and
 * a union, a bit-field, a long double or a flexible array has no description that another
 * language could decode: `vdk build` refuses them and names the field.
 *
 * Many of one kind
 * ----------------
 * A list is a number of records of one struct under one name:
 *
 *     struct quote {
 *             double bid, ask;
 *     };
 *     VDK_RECORDS(quote, 300);        // quote[0] to quote[299]
 *
 * Each record of it is a record of its own: read by itself, written by itself, never written until
 * it is, and consistent in itself only. So an update of one costs what one costs, however long the
 * list is, and a reader of quote[3] does not notice an update of quote[4]. What is 300 quotes in
 * one record is copied whole at each update of one of them; take that where all 300 must agree.
 *
 * What belongs into one record
 * ----------------------------
 * What must agree. A reader of one record never sees the price of one update with the amount of
 * another; between two records there is no such promise, since each is read by itself. What is
 * written at different times by different parts of a program is better in records of its own: a
 * writer copies the whole record, and a reader that copies much is met by an update more often.
 * For a reader, one record is one load of the sequence, the fields that it uses, and one more look
 * at the sequence.
 *
 * Give a value the unit that its readers count in, and say it in the field's name or in a comment:
 * a page has no place for units. A field that may be unknown needs a value or a flag that says so;
 * zero is what each field is when a writer sets only some of them.
 *
 * When a record changes
 * ---------------------
 * Names, types, order and number of fields and records are the page's layout, and its number is
 * in the page and in the image. An image and a page of different layouts are never mapped together.
 * A publication that is replaced with the same layout keeps its page, and programs that run see
 * the new publisher's values; with another layout it gets a new page, programs that run keep the
 * old one, and those that start get the new pair. So there is no field that must be kept for old
 * readers, and none of them ever reads a field that has moved.
 *
 * A program of another language, and one that has only the page, needs this header as little as a
 * compiler: names, types and places of all fields stand in the page itself, and `vdk get` reads
 * them there. vvar-page(5) tells how. Comments and the order of headers are no part of the layout;
 * the names of struct members are.
 *
 * How a record lies in the page
 * -----------------------------
 * A slot is a 64-bit sequence number and two copies of the struct:
 *
 *     small (both copies fit in the sequence's cache line)      otherwise
 *     +0   sequence                                             +0    sequence
 *     +A   copy[0]                                              +64   copy[0]
 *     +A+S copy[1]                                              +64+S copy[1]
 *
 * A is 8, or the struct's own alignment if that is larger; S is the struct's size rounded up to
 * the copies' alignment. Sequence 0 means that the record was never written; otherwise the
 * current value is copy[sequence % 2], and the writer prepares the next value in the other one.
 * See vdk/page.h for the protocol and the memory order of each of its steps.
 *
 * A list is its slots one behind the other. Each begins a cache line, so that a writer of one and
 * a reader of the next share none: a record of 8 bytes takes 64, and one of 40 bytes 192.
 */

#ifdef __KERNEL__
#include <linux/types.h>
#elif !defined(__VMLINUX_H__) /* a BPF program with all of its kernel's types has these, too */
#include <stdbool.h>
#include <stdint.h>
#endif

/** The cache line that slots are aligned to, in bytes. */
#define VDK_CACHE_LINE 64

/**
 * The largest record, in bytes. A reader copies a record between two looks at its sequence; one
 * that takes longer to copy than the writer's period could never be read whole.
 */
#define VDK_RECORD_MAX 16384

#include <vdk/bits/record.h>

/**
 * VDK_RECORD() - make struct TAG a record of the page
 * @tag: the struct's tag, which is also the record's name for `vdk set`, `get` and `watch`
 *
 * At file scope, once for each record. Records lie in the page in the order of their
 * declarations.
 */
#define VDK_RECORD(tag) VDK_SLOT_("VDK_RECORD", tag, 1, VDK_RECORD_OBJECT_(tag))

/**
 * VDK_RECORDS() - make a list of the page: N records of struct TAG, TAG[0] to TAG[N-1]
 * @tag: the struct's tag, which is also the list's name
 * @n:   their number, a constant expression from 1 on; all of a page is at most 16 MiB
 *
 * Read with vdk_read_at(), written with vdk_write_at(), vdk_record_write_at() or `vdk set NAME
 * TAG[3].FIELD=VALUE`. The number is part of the layout: a longer list is another page for programs
 * that start, so leave room where a list may grow.
 */
#define VDK_RECORDS(tag, n) VDK_SLOT_("VDK_RECORDS", tag, n, VDK_RECORDS_OBJECT_(tag, n))

#endif
