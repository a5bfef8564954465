/* SPDX-License-Identifier: MIT */
#ifndef VDK_FORMAT_H
#define VDK_FORMAT_H

/**
 * vdk/format.h - the bytes of a page, of a process page and of an image's note
 *
 * Everything that two programs built at different times must agree on stands here, and nowhere
 * else: what a publisher writes into a page, what `vdk build` embeds in an image and what attach
 * maps into a process. All integers are little-endian on the CPUs that vdk supports, all offsets
 * and sizes are in bytes, all times in nanoseconds. vvar-page(5) tells the same as a table.
 *
 * A reader of any of these treats the bytes as hostile: check magic, version and size first, and
 * every offset against the size before it is used.
 *
 * Where they lie
 * --------------
 *                     a page, as a file and as memory          a process, lower addresses first
 *
 *     0               struct vdk_page_header, 192 bytes        struct vdk_process_page, 4096 bytes
 *     table_offset    struct vdk_table                         the page, vdk_page_header::size
 *                     struct vdk_table_record, record_count    the image: an ELF file that has
 *                     struct vdk_table_field, field_count        struct vdk_image_note and a copy
 *                     names, string_size bytes                   of the table in its note
 *     record.offset   a slot: sequence, copy[0], copy[1]
 *
 * To decode a page in another language
 * ------------------------------------
 *   1. Read the header. Magic and version are as below, `size` is at most the file's, and table and
 *      slots lie inside of it.
 *   2. Read the table into memory of one's own, and from then on look at that copy alone.
 *   3. Find the record by its name. Slot k of a list lies vdk_slot_stride() times k further on.
 *   4. Load the sequence s, 8 bytes at once. 0: never written. Copy `size` bytes from the slot's
 *      copy_offset + (s % 2) * copy_stride. Load the sequence again: if it is not s any more,
 *      begin this step anew. vdk/page.h says which orders a CPU must be told.
 *   5. Take the fields out of the copy by their offset, size, count and kind.
 *
 * `vdk get --json` does all of it for those who can start a program, and libvdk for those who can
 * call C. A decoder needs to know nothing of who writes, and of locks.
 *
 * What stands nowhere here: an order of bytes (it is the CPU's), a checksum (a page changes all the
 * time; the sequence tells a whole value from a torn one), and a permission (the file's owner and
 * mode say who may write).
 *
 * Freestanding; included by images, by the library and by decoders in other trees.
 */

#ifndef __VMLINUX_H__ /* a BPF program with all of its kernel's types has these, too */
#include <stdint.h>
#endif

/* ---- The page ---------------------------------------------------------------------------- */

#define VDK_PAGE_MAGIC "vdkpage" /* eight bytes with its NUL */
#define VDK_PAGE_VERSION 1u              /* of a page without lists */
#define VDK_PAGE_VERSION_LISTS 2u        /* of a page with one; see struct vdk_table_record */
#define VDK_PAGE_UNIT 4096u              /* a page region is a multiple of this */
#define VDK_PAGE_SIZE_MAX (16u << 20)    /* no larger one is mapped or decoded */

/**
 * struct vdk_page_header - offset 0 of every page
 *
 * First cache line: constant from before the file gets its name until it is gone; readers may
 * check it once. Second: rewritten by take-over and heartbeat, each field by one aligned 64-bit
 * store, so each is whole by itself but two of them are not one snapshot. Third: writers only.
 */
struct vdk_page_header {
	uint8_t magic[8];      /* VDK_PAGE_MAGIC */
	uint32_t version;      /* the lowest that says all: see above */
	uint32_t header_size;  /* sizeof(struct vdk_page_header) of the maker */
	uint64_t size;         /* of the whole page; a multiple of VDK_PAGE_UNIT */
	uint64_t layout_id;    /* vdk_layout_id() of the table; equals the image's */
	uint32_t table_offset; /* of struct vdk_table, from the page's start */
	uint32_t table_size;   /* of the table with its strings */
	uint8_t reserved0[24];

	uint64_t epoch;         /* one more at each take-over by a publisher; 0 before the first */
	uint64_t as_of;         /* CLOCK_MONOTONIC at the last sign of life, 0 = none yet */
	uint64_t void_after;    /* CLOCK_MONOTONIC after which values are stale, 0 = never */
	uint64_t publisher_pid; /* in the publisher's own pid namespace; for people only */
	uint64_t publisher_uid; /* of its user, in its own user namespace; for people only */
	uint64_t publisher_start; /* CLOCK_MONOTONIC of the take-over */
	uint8_t reserved1[16];

	uint64_t lock; /* (generation << 8) | writer slot, slot 0 = free; see publish.h */
	uint8_t reserved2[56];
};

/* What a field holds. */
enum vdk_kind {
	VDK_KIND_UINT = 1,
	VDK_KIND_INT = 2,
	VDK_KIND_FLOAT = 3, /* IEEE 754, 4 or 8 bytes */
	VDK_KIND_BOOL = 4,  /* 1 byte: 0 or 1 */
	VDK_KIND_STRING = 5 /* `size` bytes, padded with NUL, not terminated when full */
};

/*
 * Versions. A page and an image have the lowest version that says all of what they have, so that
 * what needs nothing new stays readable for, and byte for byte the same as with, every earlier
 * kit. Version 2 has lists; a reader of version 1, which would take a list for its first record,
 * refuses it by the number.
 */

/**
 * struct vdk_table - the page's description of itself, also embedded in the image
 *
 * Followed by record_count struct vdk_table_record, field_count struct vdk_table_field and
 * string_size bytes of NUL-terminated strings, without gaps. Names are offsets into the strings.
 */
struct vdk_table {
	uint32_t record_count; /* at most VDK_RECORDS_MAX */
	uint32_t field_count;  /* at most VDK_FIELDS_MAX */
	uint32_t string_size;  /* bytes of names at the table's end */
	uint32_t page_size;    /* the page's size, as in its header */
};

#define VDK_RECORDS_MAX 1024u  /* entries; the slots of a list count as one */
#define VDK_FIELDS_MAX 16384u /* of all records together, after flattening */
#define VDK_NAME_MAX 255u /* bytes of a record's or a flattened field's name, without NUL */

/**
 * struct vdk_table_record - one record, or a list of them
 *
 * A list has one entry for all of its slots, which share their fields: the first slot begins at
 * `offset`, the next one vdk_slot_stride() behind it. In a table of version 1 `list` was reserved
 * and 0, which still means a record by itself.
 */
struct vdk_table_record {
	uint32_t name;        /* offset in the strings */
	uint32_t offset;      /* of the slot (its sequence) from the page's start; 64-aligned */
	uint32_t copy_offset; /* of copy[0] from the slot */
	uint32_t copy_stride; /* of copy[1] from copy[0] */
	uint32_t size;        /* of the struct */
	uint32_t first_field; /* index of its first field */
	uint32_t field_count;
	uint32_t list;        /* 0: a record by itself; otherwise a list of so many slots */
};

/**
 * vdk_slot_stride() - from one slot of a list to the next, in bytes
 *
 * A whole number of cache lines with both copies in them. 64 bits, since the parts may be hostile.
 */
static inline uint64_t vdk_slot_stride(uint32_t copy_offset, uint32_t copy_stride)
{
	return ((uint64_t)copy_offset + 2 * (uint64_t)copy_stride + 63) / 64 * 64;
}

/**
 * struct vdk_table_field - one leaf of a record
 *
 * Nested structs are flattened: `best.price`; arrays of structs too: `bid[0].price`. An array of
 * plain values stays one field with count > 1 (row-major when it had several dimensions).
 */
struct vdk_table_field {
	uint32_t name;   /* offset in the strings */
	uint32_t offset; /* from the struct's start */
	uint32_t size;   /* of one element; for a string, of the whole array */
	uint32_t count;  /* elements; 1 for a plain value */
	uint8_t kind;    /* enum vdk_kind */
	uint8_t reserved[3];
};

/* ---- The process page -------------------------------------------------------------------- */

/**
 * The standard vDSO functions of the CPU, in the order of their slots in the process page and of
 * the bits in struct vdk_image_note::overrides.
 */
#define VDK_CHAIN_LIST(X)                                                                          \
	X(clock_gettime)                                                                           \
	X(gettimeofday)                                                                            \
	X(time)                                                                                    \
	X(getcpu)                                                                                  \
	X(clock_getres)                                                                            \
	X(getrandom)

#define VDK_CHAIN_ENUM_(name) VDK_CHAIN_##name,
enum vdk_chain { VDK_CHAIN_LIST(VDK_CHAIN_ENUM_) VDK_CHAIN_COUNT };
#undef VDK_CHAIN_ENUM_

#define VDK_PROCESS_MAGIC "vdkproc" /* eight bytes with its NUL */
#define VDK_PROCESS_VERSION 1u
#define VDK_PROCESS_SIZE 4096u

/**
 * struct vdk_process_page - what differs from process to process
 *
 * One private read-only page per attached process, directly before the page and the image. The
 * chain addresses are never 0: where the kernel has no such function they lead to the image's own
 * stub that makes the system call. Chain stubs jump through this array, so it comes first.
 */
struct vdk_process_page {
	uint64_t chain[VDK_CHAIN_COUNT]; /* addresses, by enum vdk_chain */
	uint64_t kernel_vdso;            /* where the kernel's image is mapped */
	uint64_t image;                  /* where the attached image is mapped */
	uint8_t magic[8];                /* VDK_PROCESS_MAGIC */
	uint32_t version;                /* VDK_PROCESS_VERSION */
	uint32_t flags;
	uint64_t page_size;  /* of the page between this and the image; may be 0 */
	uint64_t image_size; /* of the mapped image, a multiple of 4096 */
	int64_t monotonic_offset; /* what this process's time namespace adds to CLOCK_MONOTONIC */
	int64_t boottime_offset;  /* the same for CLOCK_BOOTTIME */
	uint64_t image_dev;       /* st_dev and st_ino of the image's file */
	uint64_t image_ino;
	uint64_t state; /* address of VDK_STATE_SIZE bytes that may be written, or 0: see below */
};

/**
 * The one thing that an image may write: a shared page of memory for all programs of a tree, where
 * whoever started the tree gave one (struct vdk_attach's state_fd), zeroes in the beginning. Any
 * of these programs may write anything there, so code must be right with every value, must need no
 * lock, and must do without a state: most trees have none.
 */
#define VDK_STATE_SIZE 4096u

/* ---- The image's note -------------------------------------------------------------------- */

#define VDK_NOTE_NAME "vdk" /* with its NUL: n_namesz 4 */
#define VDK_NOTE_IMAGE 1u   /* n_type */
#define VDK_IMAGE_VERSION 1u       /* of an image without lists */
#define VDK_IMAGE_VERSION_LISTS 2u /* of one with a list in its table */

/**
 * struct vdk_image_note - what a kit-built image says of itself, in a PT_NOTE
 *
 * `finish` and `fallback` are self-relative: the address is that of the field itself plus its
 * value. So the note needs no relocation.
 */
struct vdk_image_note {
	uint32_t version;      /* VDK_IMAGE_VERSION or VDK_IMAGE_VERSION_LISTS */
	uint32_t note_size;    /* of this struct, the table and its strings */
	uint64_t layout_id;    /* vdk_layout_id() of the table; 0 when there are no records */
	uint32_t page_size;    /* of the page region before the image; 0 when there are no records */
	uint32_t process_size; /* of the process page before that: VDK_PROCESS_SIZE */
	uint32_t overrides;    /* bit i: the author defined standard function i */
	uint32_t table_offset; /* of struct vdk_table from this struct's start; 0 = none */
	uint32_t table_size;
	int32_t finish;                    /* self-relative: vdk_attach_finish */
	int32_t fallback[VDK_CHAIN_COUNT]; /* self-relative: the system call stubs */
	uint8_t name[32];                  /* the vDSO's name, padded with NUL */
};

/**
 * vdk_layout_id() - the number that says two layouts are the same
 * @table: the bytes of a struct vdk_table with everything that follows it
 * @size:  their count
 *
 * FNV-1a, 64 bits (Fowler, Noll, Vo: draft-eastlake-fnv). It guards against mistakes, not against
 * malice: who may write a page is a matter of ownership.
 *
 * Return: never 0, which stands for "no records".
 */
static inline uint64_t vdk_layout_id(const void *table, uint32_t size)
{
	const uint8_t *bytes = (const uint8_t *)table;
	uint64_t hash = 0xcbf29ce484222325u;

	for (uint32_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3u;
	return hash ? hash : 1;
}

#endif
