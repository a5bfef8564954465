/* SPDX-License-Identifier: MIT */
#ifndef VDK_BITS_RECORD_H
#define VDK_BITS_RECORD_H

/*
 * How the macros of vdk/record.h work, which is what to include and to read.
 *
 * A slot is a type of its own for each record, so that a wrong name is the compiler's business, and
 * an object that different worlds place differently: below a reader's image, in a kernel's vvar
 * page, in a BPF map, or nowhere, where only types and sizes are looked at.
 */

/* The same words in C and, for publishers in that language, in C++. */
#ifdef __cplusplus
#define VDK_ASSERT_(condition, text) static_assert(condition, text)
#define VDK_ALIGNOF_(type) alignof(type)
#else
#define VDK_ASSERT_(condition, text) _Static_assert(condition, text)
#define VDK_ALIGNOF_(type) _Alignof(type)
#endif

/* A kernel has a word of its own for it. */
#ifdef __KERNEL__
#define VDK_ALIGNED_(bytes) __aligned(bytes)
#else
#define VDK_ALIGNED_(bytes) __attribute__((aligned(bytes)))
#endif

/* Alignment of a slot's copies: packed behind the sequence when all three share a cache line. */
#define VDK_COPY_ALIGN(type)                                                                       \
	((VDK_ALIGNOF_(type) < 8 ? 8 : VDK_ALIGNOF_(type)) +                                       \
	                                 2 * ((sizeof(type) + 7) / 8 * 8) <=                       \
	                         VDK_CACHE_LINE                                                    \
	         ? (VDK_ALIGNOF_(type) < 8 ? 8 : VDK_ALIGNOF_(type))                               \
	         : VDK_CACHE_LINE)

#if defined(__bpf__)
/* In a BPF program a record is its place in the page, which is known when the program is loaded. */
#include <vdk/update-bpf.h>
#define VDK_RECORD_OBJECT_(tag) VDK_BPF_PLACE_(tag)
#define VDK_RECORDS_OBJECT_(tag, n)                                                                \
	VDK_ASSERT_(0, "VDK_RECORDS(" #tag                                                         \
	               "): a page with a list cannot be written by a BPF program; declare a "      \
	               "VDK_RECORD() for each")
#elif defined(__KERNEL__)
/* The kernel's own variable, and its two places before the image; see `vdk bake`. */
#define VDK_RECORD_OBJECT_(tag)                                                                    \
	extern struct vdk_slot_##tag vdk_record_##tag __attribute__((visibility("hidden"))),       \
	        vvar_vdk_record_##tag __attribute__((visibility("hidden"))),                       \
	        timens_vdk_record_##tag __attribute__((visibility("hidden")))
#define VDK_RECORDS_OBJECT_(tag, n)                                                                \
	VDK_ASSERT_(0, "VDK_RECORDS(" #tag "): the kernel's vvar page has no room for lists")
#elif defined(VDK_LAYOUT)
/* `vdk build` compiles the declarations once as definitions and reads types and offsets from it. */
#define VDK_RECORD_OBJECT_(tag) struct vdk_slot_##tag vdk_record_##tag
#define VDK_RECORDS_OBJECT_(tag, n) struct vdk_slot_##tag vdk_record_##tag[n]
#else
#define VDK_RECORD_OBJECT_(tag)                                                                    \
	extern struct vdk_slot_##tag vdk_record_##tag __attribute__((visibility("hidden")))
#define VDK_RECORDS_OBJECT_(tag, n)                                                                \
	extern struct vdk_slot_##tag vdk_record_##tag[n] __attribute__((visibility("hidden")))
#endif

/* The type of a slot, what a struct must be to have one, and the object. */
#define VDK_SLOT_(macro, tag, n, object)                                                           \
	enum { vdk_only_one_record_can_have_the_name_##tag };                                      \
	VDK_ASSERT_((n) > 0, macro "(" #tag "): a list has at least one record");                  \
	VDK_ASSERT_(sizeof(struct tag) > 0, macro "(" #tag "): struct " #tag " has no fields");    \
	VDK_ASSERT_(sizeof(struct tag) <= VDK_RECORD_MAX,                                          \
	            macro "(" #tag "): struct " #tag                                               \
	                  " is larger than VDK_RECORD_MAX bytes; split it into several records");  \
	VDK_ASSERT_(VDK_ALIGNOF_(struct tag) <= VDK_CACHE_LINE,                                    \
	            macro "(" #tag "): struct " #tag                                               \
	                  " asks for an alignment of more than VDK_CACHE_LINE bytes");             \
	struct vdk_slot_##tag {                                                                    \
		uint64_t sequence;                                                                 \
		struct {                                                                           \
			struct tag value;                                                          \
		} VDK_ALIGNED_(VDK_COPY_ALIGN(struct tag)) copy[2];                                \
	} VDK_ALIGNED_(VDK_CACHE_LINE);                                                            \
	object

#endif
