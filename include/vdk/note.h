/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_NOTE_H
#define VDK_NOTE_H

/**
 * vdk/note.h - what an image says of itself
 *
 * An image that `vdk build` made carries one note (vdk/format.h: struct vdk_image_note): the
 * layout of the page it reads, which standard functions its author defined, and where the code
 * lies that attach needs. Publishing makes a page from nothing but this note, and attach finds
 * its way in the image by nothing but this note; neither looks at symbols or section headers.
 *
 * The reader here is small on purpose: `vdk run` pays for it at every exec. It looks at the ELF
 * header, the program headers and the PT_NOTE segments, in this order, and believes none of them:
 * every offset is held against the file's size before it is used, and the note's own offsets
 * against the image. It never maps the file, so that a file that shrinks while it is read gives
 * an error and not a SIGBUS. It does not prove that the image is a good one: that is the work of
 * `vdk check`.
 *
 * Threads: all functions may be called from any thread; a struct vdk_note is plain data.
 */

#include <stddef.h>
#include <stdint.h>

#include <vdk/format.h>
#include <vdk/report.h>

/** The largest image that is read, in bytes; a kernel's vDSO has two pages. */
#define VDK_IMAGE_SIZE_MAX (64u << 20)

/**
 * struct vdk_note - a note that was read and checked
 *
 * Offsets are from the image's first byte, in bytes; the image is linked at 0, so they are its
 * addresses too. Give the table back with vdk_note_clear().
 */
struct vdk_note {
	struct vdk_image_note image; /* as it stands in the file; name ends with a NUL */
	uint64_t image_size;         /* bytes to map: the one PT_LOAD, rounded up to 4096 */
	uint64_t finish;             /* offset of vdk_attach_finish, 0 = the image has none */
	uint64_t fallback[VDK_CHAIN_COUNT]; /* offsets of the system call stubs, 0 = none */
	void *table; /* copy of struct vdk_table and what follows, image.table_size bytes; or NULL */
};

/**
 * vdk_note_read() - read the note of an image file
 * @fd:       the image, open for reading; its position is neither used nor moved; stays open
 * @object:   what to call the image in a report, for instance its path
 * @ret_note: filled; release it with vdk_note_clear()
 * @report:   what is wrong with the file, with offset, expected and found; may be NULL
 *
 * Return:   0; -ENOEXEC not an x86-64 ELF shared object with one PT_LOAD at offset 0 and address
 *           0; -ENODATA an ELF image without a vdk note; -EBADMSG the note or its table
 *           contradicts itself or the image; -EOPNOTSUPP a note of a newer format; -EFBIG larger
 *           than VDK_IMAGE_SIZE_MAX; -ENOMEM; what fstat(2) or pread(2) return.
 * Lifetime: nothing of @fd is kept.
 */
int vdk_note_read(int fd, const char *object, struct vdk_note *ret_note,
                  struct vdk_report *report);

/**
 * vdk_note_read_memory() - the same from bytes in memory
 * @bytes: the whole file
 * @size:  its size, in bytes
 *
 * For images inside archives, for tests and for fuzzers. @bytes must not change meanwhile.
 *
 * Return: as vdk_note_read(), without the errors of system calls.
 */
int vdk_note_read_memory(const void *bytes, size_t size, const char *object,
                         struct vdk_note *ret_note, struct vdk_report *report);

/**
 * vdk_note_clear() - release what a note owns and zero it
 * @note: may be zeroed already; NULL does nothing
 */
void vdk_note_clear(struct vdk_note *note);

#endif
