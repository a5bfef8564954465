/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_PUBLISH_LATCH_H
#define VDK_PUBLISH_LATCH_H

/*
 * Both halves of the protocol on mapped memory. Steps W1-W4 and R1-R4 are those of the
 * synchronisation table in vdk/page.h, which argues for each order.
 *
 * Thread sanitizer does not know fences: there the words themselves carry the order.
 */

#include <stdint.h>
#include <string.h>

#include <vdk/layout.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define VDK_TSAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define VDK_TSAN 1
#endif

#ifdef VDK_TSAN
#define VDK_WORD_LOAD __ATOMIC_ACQUIRE
#define VDK_WORD_STORE __ATOMIC_RELEASE
#define vdk_fence(order) ((void)0)
#else
#define VDK_WORD_LOAD __ATOMIC_RELAXED
#define VDK_WORD_STORE __ATOMIC_RELAXED
#define vdk_fence(order) __atomic_thread_fence(order)
#endif

static inline uint64_t *vdk_latch_words(uint8_t *slot, const struct vdk_layout_record *record,
                                        uint64_t sequence)
{
	return (uint64_t *)(slot + record->copy_offset + (sequence & 1) * record->copy_stride);
}

/* Neither 0, which means "never written", nor the parity of the current copy. */
static inline uint64_t vdk_latch_next(uint64_t sequence)
{
	return sequence == UINT64_MAX ? 2 : sequence + 1;
}

static inline void vdk_words_load(void *to, uint64_t *from, uint32_t size)
{
	uint32_t at = 0;
	uint64_t word;

	for (; at + 8 <= size; at += 8) {
		word = __atomic_load_n(from + at / 8, VDK_WORD_LOAD);
		memcpy((uint8_t *)to + at, &word, 8);
	}
	if (at < size) {
		word = __atomic_load_n(from + at / 8, VDK_WORD_LOAD);
		memcpy((uint8_t *)to + at, &word, size - at);
	}
}

/* The last word may reach over the record's end, into the padding that the layout promises. */
static inline void vdk_words_store(uint64_t *to, const void *from, uint32_t size)
{
	uint32_t at = 0;
	uint64_t word;

	for (; at + 8 <= size; at += 8) {
		memcpy(&word, (const uint8_t *)from + at, 8);
		__atomic_store_n(to + at / 8, word, VDK_WORD_STORE);
	}
	if (at < size) {
		word = 0;
		memcpy(&word, (const uint8_t *)from + at, size - at);
		__atomic_store_n(to + at / 8, word, VDK_WORD_STORE);
	}
}

/* The caller holds the writers' lock. */
static inline void vdk_latch_write(uint8_t *slot, const struct vdk_layout_record *record,
                                   const void *value)
{
	uint64_t *sequence = (uint64_t *)slot;
	const uint64_t next = vdk_latch_next(__atomic_load_n(sequence, __ATOMIC_ACQUIRE)); /* W1 */

	vdk_fence(__ATOMIC_RELEASE);                                                       /* W2 */
	vdk_words_store(vdk_latch_words(slot, record, next), value, record->size);         /* W3 */
	__atomic_store_n(sequence, next, __ATOMIC_RELEASE);                                /* W4 */
}

/* The value that a writer will change a part of; nobody else can write meanwhile. */
static inline void vdk_latch_current(uint8_t *slot, const struct vdk_layout_record *record,
                                     void *value)
{
	const uint64_t sequence = __atomic_load_n((uint64_t *)slot, __ATOMIC_ACQUIRE); /* W1 */

	if (sequence == 0)
		memset(value, 0, record->size);
	else
		vdk_words_load(value, vdk_latch_words(slot, record, sequence), record->size);
}

/* One try. Return: 1 a whole value; 0 a newer update came between; -1 never written. */
static inline int vdk_latch_try_read(uint8_t *slot, const struct vdk_layout_record *record,
                                     void *value, uint64_t *ret_sequence)
{
	uint64_t *sequence = (uint64_t *)slot;
	const uint64_t seen = __atomic_load_n(sequence, __ATOMIC_ACQUIRE);               /* R1 */

	if (seen == 0)
		return -1;
	vdk_words_load(value, vdk_latch_words(slot, record, seen), record->size);        /* R2 */
	vdk_fence(__ATOMIC_ACQUIRE);                                                     /* R3 */
	*ret_sequence = seen;
	return __atomic_load_n(sequence, __ATOMIC_RELAXED) == seen;                      /* R4 */
}

#endif
