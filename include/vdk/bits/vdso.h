/* SPDX-License-Identifier: MIT */
#ifndef VDK_BITS_VDSO_H
#define VDK_BITS_VDSO_H

/* How the macros of vdk/vdso.h work, which is what to include and to read. */

#include <stdint.h>

/* The section tells `vdk build` what is exported, and the author's own words for it. */
#define VDK_FUNCTION_(version, ret, name, params)                                                  \
	__attribute__((used, section(".vdk.export"), aligned(1))) static const char                \
	        vdk_export_##name[] = version "\0" #name "\0" #ret "\0" #params;                   \
	__attribute__((visibility("default"))) ret __vdso_##name params;                           \
	extern __typeof__(__vdso_##name) name                                                      \
	        __attribute__((weak, alias("__vdso_" #name), visibility("default")));              \
	__attribute__((visibility("default"))) ret __vdso_##name params

static inline void vdk_relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

#define VDK_ONE_(macro, tag)                                                                       \
	_Static_assert(__builtin_types_compatible_p(__typeof__(vdk_record_##tag),                  \
	                                            struct vdk_slot_##tag),                        \
	               macro "(" #tag "): " #tag " is a list; say which record of it, with " macro \
	                     "_at(" #tag ", index, ...)")

#define vdk_read_one_(macro, tag, part, out)                                                       \
	__extension__({                                                                            \
		VDK_ONE_(macro, tag);                                                              \
		vdk_read_slot_(&vdk_record_##tag, part, out);                                      \
	})

/* A negative index is a large one here, and refused like it. */
#define vdk_read_at_(tag, index, part, out)                                                        \
	__extension__({                                                                            \
		_Static_assert(!__builtin_types_compatible_p(__typeof__(vdk_record_##tag),         \
		                                             struct vdk_slot_##tag),               \
		               #tag " is a single record, which has no index: use vdk_read() or "  \
		                    "vdk_read_field()");                                           \
		const uint64_t vdk_index_ = (uint64_t)(index);                                     \
		const __typeof__(vdk_record_##tag[0]) *vdk_at_ = vdk_record_##tag;                 \
		int vdk_found_ = -VDK_ERANGE;                                                      \
		if (__builtin_expect(vdk_index_ < vdk_count(tag), 1)) {                            \
			vdk_at_ += vdk_index_;                                                     \
			__asm__("" : "+r"(vdk_at_)); /* computed once, for all that is read */     \
			vdk_found_ = vdk_read_slot_(vdk_at_, part, out);                           \
		}                                                                                  \
		vdk_found_;                                                                        \
	})

/* R1 to R4 of the table in vdk/page.h, where each order is argued for. */
#define vdk_read_slot_(slot, part, out)                                                            \
	__extension__({                                                                            \
		const __typeof__(*(slot)) *const vdk_slot_ = (slot);                               \
		int vdk_status_ = -VDK_EAGAIN;                                                     \
		for (int vdk_try_ = VDK_READ_TRIES; vdk_try_ > 0; vdk_try_--) {                    \
			const uint64_t vdk_seq_ = /* R1 */                                         \
			        __atomic_load_n(&vdk_slot_->sequence, __ATOMIC_ACQUIRE);           \
			if (__builtin_expect(vdk_seq_ == 0, 0)) {                                  \
				vdk_status_ = -VDK_ENODATA;                                        \
				break;                                                             \
			}                                                                          \
			*(out) = vdk_slot_->copy[vdk_seq_ & 1].part; /* R2 */                      \
			__atomic_thread_fence(__ATOMIC_ACQUIRE);     /* R3 */                      \
			if (__builtin_expect(__atomic_load_n(&vdk_slot_->sequence, /* R4 */        \
			                                     __ATOMIC_RELAXED) == vdk_seq_,        \
			                     1)) {                                                 \
				vdk_status_ = 0;                                                   \
				break;                                                             \
			}                                                                          \
			vdk_relax();                                                               \
		}                                                                                  \
		vdk_status_;                                                                       \
	})

#endif
