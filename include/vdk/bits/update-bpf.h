/* SPDX-License-Identifier: MIT */
#ifndef VDK_BITS_UPDATE_BPF_H
#define VDK_BITS_UPDATE_BPF_H

/* How the macros of vdk/update-bpf.h work, which is what to include and to read. */

#define VDK_BPF_PLACE_(tag_)                                                                       \
	VDK_ASSERT_(sizeof(#tag_) <= VDK_BPF_TAG_MAX,                                              \
	            "VDK_RECORD(" #tag_ "): the name is too long for a BPF program");              \
	const volatile struct vdk_bpf_place vdk_place_##tag_                                       \
	        __attribute__((section(VDK_BPF_PLACES), used)) = {                                 \
	                .magic = VDK_BPF_MAGIC,                                                    \
	                .size = sizeof(struct tag_),                                               \
	                .copy_offset = __builtin_offsetof(struct vdk_slot_##tag_, copy[0]),        \
	                .copy_stride = sizeof(((struct vdk_slot_##tag_ *)0)->copy[0]),             \
	                .tag = #tag_}

#define VDK_BPF_PAGE_()                                                                            \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(map_flags, BPF_F_MMAPABLE);                                                 \
		__uint(max_entries, 1);                                                            \
		__uint(key_size, 4);                                                               \
		__uint(value_size, 4096);                                                          \
	} vdk_page __attribute__((section(".maps"), used));                                        \
	const volatile struct vdk_bpf_terms vdk_terms                                              \
	        __attribute__((section(VDK_BPF_TERMS), used)) = {0};                               \
	__attribute__((section("syscall"), used)) int vdk_take_over(struct vdk_bpf_taker *taker)   \
	{                                                                                          \
		return vdk_bpf_take_over_(&vdk_page, &vdk_terms, taker);                           \
	}                                                                                          \
	extern int vdk_bpf_page_is_declared_

#define VDK_BPF_INLINE_ static __inline __attribute__((always_inline))

/* Each word of the header is whole by itself, and none orders anything else: plain stores. */
#define VDK_BPF_STORE_(page, field, value)                                                         \
	(*(volatile uint64_t *)((page) + __builtin_offsetof(struct vdk_page_header, field)) =      \
	         (value))
#define VDK_BPF_LOAD_(page, field)                                                                 \
	(*(volatile uint64_t *)((page) + __builtin_offsetof(struct vdk_page_header, field)))

/* Whoever else loads the object leaves places that all say 0 in a map that is no page. */
VDK_BPF_INLINE_ uint8_t *vdk_bpf_map_(void *map, const volatile struct vdk_bpf_terms *terms)
{
	uint32_t first = 0;

	return terms->size ? (uint8_t *)bpf_map_lookup_elem(map, &first) : (uint8_t *)0;
}

VDK_BPF_INLINE_ void vdk_bpf_touch_(void *map, const volatile struct vdk_bpf_terms *terms)
{
	uint8_t *page = vdk_bpf_map_(map, terms);
	uint64_t now;

	if (!page)
		return;
	now = bpf_ktime_get_ns();
	VDK_BPF_STORE_(page, void_after, terms->limit ? now + terms->limit : 0);
	VDK_BPF_STORE_(page, as_of, now);
}

VDK_BPF_INLINE_ int vdk_bpf_take_over_(void *map, const volatile struct vdk_bpf_terms *terms,
                                       const struct vdk_bpf_taker *taker)
{
	uint8_t *page = vdk_bpf_map_(map, terms);

	if (!page)
		return -VDK_BPF_ENODEV;
	VDK_BPF_STORE_(page, publisher_pid, taker->pid);
	VDK_BPF_STORE_(page, publisher_uid, taker->uid);
	VDK_BPF_STORE_(page, publisher_start, bpf_ktime_get_ns());
	vdk_bpf_touch_(map, terms);
	/* The publisher's role is one at a time, so nobody else counts meanwhile. */
	VDK_BPF_STORE_(page, epoch, VDK_BPF_LOAD_(page, epoch) + 1);
	return 0;
}

VDK_BPF_INLINE_ uint8_t *vdk_bpf_begin_(void *map, const volatile struct vdk_bpf_terms *terms,
                                        const volatile struct vdk_bpf_place *place)
{
	uint8_t *page = vdk_bpf_map_(map, terms);
	uint64_t sequence;

	if (!page)
		return (uint8_t *)0;
	if (__sync_val_compare_and_swap((uint64_t *)(page + place->guard), 0, 1)) /* G1 */
		return (uint8_t *)0;
	sequence = *(volatile uint64_t *)(page + place->offset); /* W1 */
	page += place->offset + place->copy_offset;
	return sequence & 1 ? page : page + place->copy_stride; /* the parity of the next one */
}

VDK_BPF_INLINE_ void vdk_bpf_end_(void *map, const volatile struct vdk_bpf_terms *terms,
                                  const volatile struct vdk_bpf_place *place, int publish)
{
	uint8_t *page = vdk_bpf_map_(map, terms);
	volatile uint64_t *sequence;
	uint64_t next, old;

	if (!page)
		return;
	__asm__ volatile("" ::: "memory");
	if (publish) {
		sequence = (volatile uint64_t *)(page + place->offset);
		next = *sequence + 1;
		/* Neither 0, which means "never written", nor the parity of the current copy. */
		old = __sync_lock_test_and_set(sequence, next ? next : 2); /* W4 */
		__asm__ volatile("" ::"r"(old) : "memory");
	}
	old = __sync_lock_test_and_set((uint64_t *)(page + place->guard), 0); /* G2 */
	__asm__ volatile("" ::"r"(old) : "memory");
}

#define vdk_bpf_write_(tag_, value)                                                                \
	__extension__({                                                                            \
		_Static_assert(__builtin_types_compatible_p(__typeof__(*(value)), struct tag_),    \
		               "vdk_bpf_write(" #tag_                                              \
		               "): the value must point to a struct " #tag_);                      \
		struct tag_ *vdk_copy_ = vdk_bpf_begin(tag_);                                      \
		if (vdk_copy_) {                                                                   \
			*vdk_copy_ = *(value); /* W3 */                                            \
			vdk_bpf_commit(tag_);                                                      \
		}                                                                                  \
		vdk_copy_ ? 0 : vdk_terms.size ? -VDK_BPF_EBUSY : -VDK_BPF_ENODEV;                 \
	})

#endif
