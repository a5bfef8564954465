/* SPDX-License-Identifier: MIT */
/*
 * The image that the fixtures are made of. It is good as it is, and has something of everything
 * that an author may write: records small and large, an own standard function that chains, calls
 * inside the image, saved registers, a frame on the stack - and a function that is only room, into
 * which the tests write the instructions that an image must not have.
 */
#include <vdk/vdso.h>

#include "good.page.h"

struct timespec {
	int64_t tv_sec, tv_nsec;
};

VDK_FUNCTION(int, room, (void))
{
	__asm__ volatile(".skip 64, 0x90");
	return 0;
}

VDK_FUNCTION(int64_t, good_number, (void))
{
	struct good now;
	const int error = vdk_read(good, &now);

	/* Reads its operand, though a disassembler believes that it writes it. */
	__asm__ volatile("testb $1, 0f(%%rip)\n0:" ::: "cc");
	return error ? error : now.number;
}

/* Kept apart, so that there is a call, with values that live across it. */
static __attribute__((noinline)) uint64_t mix(const uint64_t *values, unsigned count, uint64_t seed)
{
	for (unsigned i = 0; i < count; i++)
		seed = (seed ^ values[i]) * 0x100000001b3u;
	return seed;
}

VDK_FUNCTION(int64_t, large_mix, (uint64_t seed))
{
	struct large now;
	const int error = vdk_read(large, &now);
	uint64_t first;

	if (error)
		return error;
	first = mix(now.values, 32, seed);
	return (int64_t)(first ^ mix(now.values + 32, 32, first + seed) ^ seed);
}

/* An author's own function that asks the kernel first, and several times. */
VDK_FUNCTION(int, clock_gettime, (int32_t clock, struct timespec *time))
{
	int error = vdk_chain(clock_gettime)(clock, time);

	for (int i = 0; i < 3 && error; i++)
		error = vdk_chain(clock_gettime)(clock, time);
	if (!error)
		time->tv_sec += __vdso_good_number();
	return error;
}
