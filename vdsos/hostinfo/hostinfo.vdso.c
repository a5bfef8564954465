/* SPDX-License-Identifier: MIT */
/*
 * hostinfo - what programs parse from /proc and cgroup files, as structs in memory
 *
 * Functions that give a whole struct take the size that their caller was compiled with:
 *
 *   - a smaller one than the image's: an older program gets the part that it knows;
 *   - a larger one: a newer program gets zeroes for what the image does not have, whose bits in
 *     `known` are then unset, like those of values that could not be had.
 *
 * They return 0 or
 *
 *   -ESTALE   past void_after: the publisher is gone or stands still. The struct holds the last
 *             sample all the same, and says when it was taken: for many uses an old value beats
 *             none, and whoever only looks at the sign of the result is not deceived;
 *   -ENODATA  nothing was ever published;
 *   -EAGAIN   every one of VDK_READ_TRIES tries met a newer sample;
 *   -EINVAL   a size that is smaller than the three fields which all structs begin with, or
 *             larger than any record;
 *   -EFAULT   a NULL pointer. Other bad pointers are a SIGSEGV, as in any vDSO.
 *
 * and after -ENODATA and -EAGAIN the struct is all zeroes. Functions that give one value return
 * it, or one of these, or -EOPNOTSUPP where it could not be had; with -ESTALE there is no value.
 */
#include <vdk/vdso.h>

#include "hostinfo.page.h"

#define EFAULT 14
#define EINVAL 22
#define EOPNOTSUPP 95
#define ESTALE 116

#define CLOCK_MONOTONIC_COARSE 6

struct timespec {
	int64_t tv_sec, tv_nsec;
};

/* The fields that every struct begins with. */
struct head {
	uint64_t known;
	int64_t realtime_ns, monotonic_ns;
};

struct slot {
	const uint64_t *sequence;
	const void *copy[2];
	size_t size;
};

#define SLOT(tag)                                                                                  \
	&(const struct slot){&vdk_record_##tag.sequence,                                           \
	                     {&vdk_record_##tag.copy[0].value, &vdk_record_##tag.copy[1].value},   \
	                     sizeof(struct tag)}

/*
 * 0 while the publisher vouches for the page, asked after the values were read: what is called
 * fresh was so at some moment of the call. The coarse clock is a tick behind at most.
 */
static int freshness(void)
{
	struct timespec now;

	if (vdk_chain(clock_gettime)(CLOCK_MONOTONIC_COARSE, &now))
		return -ESTALE;
	return vdk_void(now.tv_sec * 1000000000 + now.tv_nsec) ? -ESTALE : 0;
}

/* 16 bytes of any alignment: one move each way on every CPU of the architecture. */
typedef uint64_t block __attribute__((vector_size(16), aligned(1), may_alias));

/* The copy is most of what a call costs, and a store a cycle is as fast as it goes. */
static inline __attribute__((always_inline)) void copy_bytes(char *to, const char *from, size_t size)
{
	for (; size >= 4 * sizeof(block); to += 64, from += 64, size -= 64) {
		const block *const source = (const block *)from;
		const block a = source[0], b = source[1], c = source[2], d = source[3];
		block *const target = (block *)to;

		target[0] = a;
		target[1] = b;
		target[2] = c;
		target[3] = d;
	}
	for (; size >= 8; to += 8, from += 8, size -= 8)
		__builtin_memcpy(to, from, 8);
	for (; size > 0; size--)
		*to++ = *from++;
}

static void clear_bytes(char *to, size_t size)
{
	for (; size >= 8; to += 8, size -= 8)
		__builtin_memset(to, 0, 8);
	for (; size > 0; size--)
		*to++ = 0;
}

/* As vdk_read(), straight into the caller's memory and only as much as it takes. */
static inline __attribute__((always_inline)) int read_slot(const struct slot *slot,
                                                            void *out, size_t size)
{
	for (int tries = VDK_READ_TRIES; tries > 0; tries--) {
		/* Acquire: the copy's loads stay behind it. */
		const uint64_t sequence = __atomic_load_n(slot->sequence, __ATOMIC_ACQUIRE);

		if (sequence == 0)
			return -VDK_ENODATA;
		copy_bytes(out, slot->copy[sequence & 1], size);
		/* The fence keeps the copy's loads before this second look. */
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (__atomic_load_n(slot->sequence, __ATOMIC_RELAXED) == sequence)
			return 0;
		vdk_relax();
	}
	return -VDK_EAGAIN;
}

/* What a caller of @size bytes gets of the slot; without a look at its age. */
static inline __attribute__((always_inline)) int fill(const struct slot *slot,
                                                       void *out, size_t size)
{
	const size_t part = size < slot->size ? size : slot->size;
	struct head head;
	int error;

	if (size < sizeof(head) || size > VDK_RECORD_MAX)
		return -EINVAL;
	error = read_slot(slot, out, part);
	if (error) {
		clear_bytes(out, size);
		return error;
	}
	if (size > part)
		clear_bytes((char *)out + part, size - part);
	__builtin_memcpy(&head, out, sizeof(head));
	head.monotonic_ns += vdk_process.monotonic_offset;
	__builtin_memcpy(out, &head, sizeof(head));
	return 0;
}

static __attribute__((noinline)) int fill_other(const struct slot *slot, void *out, size_t size)
{
	return fill(slot, out, size);
}

static int give(const struct slot *slot, void *out, size_t size)
{
	const int error = out ? fill_other(slot, out, size) : -EFAULT;

	return error ? error : freshness();
}

/* ---- Whole structs -------------------------------------------------------------------------- */

VDK_FUNCTION(int, vdk_hostinfo_load, (struct hostinfo_load *out, size_t size))
{
	return give(SLOT(hostinfo_load), out, size);
}

VDK_FUNCTION(int, vdk_hostinfo_memory, (struct hostinfo_memory *out, size_t size))
{
	return give(SLOT(hostinfo_memory), out, size);
}

VDK_FUNCTION(int, vdk_hostinfo_cgroup, (struct hostinfo_cgroup *out, size_t size))
{
	return give(SLOT(hostinfo_cgroup), out, size);
}

VDK_FUNCTION(int, vdk_hostinfo_pressure, (struct hostinfo_pressure *out, size_t size))
{
	return give(SLOT(hostinfo_pressure), out, size);
}

VDK_FUNCTION(int, vdk_hostinfo_cgroup_pressure, (struct hostinfo_cgroup_pressure *out, size_t size))
{
	return give(SLOT(hostinfo_cgroup_pressure), out, size);
}

VDK_FUNCTION(int, vdk_hostinfo_identity, (struct hostinfo_identity *out, size_t size))
{
	return give(SLOT(hostinfo_identity), out, size);
}

/* One struct of vdk_hostinfo_all(). In most programs the size is the image's own: a constant. */
static inline __attribute__((always_inline)) int next_part(const struct slot *slot, char **at,
                                                           size_t size)
{
	char *const out = *at;

	if (size == 0)
		return 0;
	*at += size;
	return __builtin_expect(size == slot->size, 1) ? fill(slot, out, slot->size)
	                                               : fill_other(slot, out, size);
}

/*
 * Several structs by one call, one behind the other: @count sizes in the order below, as for the
 * functions of single structs, or 0 for one that is not wanted. So six looks at the clock become
 * one. A struct that the image does not have is all zeroes. The result is that of the first
 * failure, if there is one, and the others are filled all the same.
 */
VDK_FUNCTION(int, vdk_hostinfo_all, (void *out, const size_t *sizes, uint32_t count))
{
	char *at = out;
	int first = 0, error;

	if (!out || !sizes)
		return -EFAULT;
	if (count > VDK_RECORDS_MAX)
		return -EINVAL;
	/* With one that is too large, where the next one lies is unknown as well. */
	for (uint32_t i = 0; i < count; i++)
		if (sizes[i] > VDK_RECORD_MAX)
			return -EINVAL;
#define PART(index, tag)                                                                           \
	error = count > (index) ? next_part(SLOT(tag), &at, sizes[index]) : 0;                     \
	first = first ? first : error
	PART(0, hostinfo_load);
	PART(1, hostinfo_memory);
	PART(2, hostinfo_cgroup);
	PART(3, hostinfo_pressure);
	PART(4, hostinfo_cgroup_pressure);
	PART(5, hostinfo_identity);
#undef PART
	for (uint32_t i = 6; i < count; i++) {
		clear_bytes(at, sizes[i]);
		at += sizes[i];
	}
	return first ? first : freshness();
}

/* ---- Single values -------------------------------------------------------------------------- */

/* Of the record only the words that are used are read. */
#define ONE(tag, bit, field)                                                                       \
	__extension__({                                                                            \
		struct tag now_;                                                                   \
		const int error_ = vdk_read(tag, &now_);                                           \
		error_ ? error_ : one(now_.known & (bit), now_.field);                             \
	})

static int64_t one(uint64_t known, uint64_t value)
{
	const int error = known ? freshness() : -EOPNOTSUPP;

	if (error)
		return error;
	return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

/* MemAvailable, bytes. */
VDK_FUNCTION(int64_t, vdk_hostinfo_memory_available, (void))
{
	return ONE(hostinfo_memory, HOSTINFO_MEMORY_AVAILABLE, available);
}

/* The lowest memory limit of the cgroup and its ancestors, bytes; INT64_MAX: none. */
VDK_FUNCTION(int64_t, vdk_hostinfo_memory_limit, (void))
{
	return ONE(hostinfo_cgroup, HOSTINFO_CGROUP_MEMORY_LIMIT, memory_limit);
}

/* The load average of one minute, thousandths. */
VDK_FUNCTION(int64_t, vdk_hostinfo_load1, (void))
{
	return ONE(hostinfo_load, HOSTINFO_LOAD_AVERAGES, load1);
}

/* CPUs that the cgroup may use by quota and cpuset, thousandths. */
VDK_FUNCTION(int64_t, vdk_hostinfo_cpus, (void))
{
	return ONE(hostinfo_cgroup, HOSTINFO_CGROUP_CPUS, cpus_milli);
}

/* How old the sample is, ns; told of any age. */
VDK_FUNCTION(int64_t, vdk_hostinfo_age, (void))
{
	struct hostinfo_load sample;
	const int error = vdk_read(hostinfo_load, &sample);
	struct timespec now;
	int64_t age;

	if (error)
		return error;
	if (vdk_chain(clock_gettime)(CLOCK_MONOTONIC_COARSE, &now))
		return -ESTALE;
	age = now.tv_sec * 1000000000 + now.tv_nsec - vdk_process.monotonic_offset -
	      sample.monotonic_ns;
	return age < 0 ? 0 : age; /* the coarse clock is a tick behind */
}
