/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The look-up in hundreds of thousands of damaged copies of this process's own vDSO. Each copy ends
 * where an inaccessible page begins, so that one byte too many is a crash; each answer must lie
 * in the copy. The damage follows from a fixed seed: a failure says the round, and
 * `test-lookup-hostile SEED ROUNDS` repeats or prolongs it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vdk/lookup.h>

#define SPACE 65536u

static uint64_t seed = 666;
static unsigned long rounds = 200000;
static unsigned char *guard; /* the first byte of the inaccessible page */
static uint64_t random_state;

/* xorshift64* (Marsaglia, Vigna). */
static uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * 0x2545f4914f6cdd1du) >> 33) % limit;
}

static size_t own_vdso(const unsigned char **ret_base)
{
	struct vdk_lookup_image image;

	if (vdk_lookup_open_self(&image) != 0)
		return 0;
	*ret_base = image.base;
	return image.size;
}

/* Values that parsers stumble over, as well as plain noise. */
static void damage(unsigned char *bytes, size_t size)
{
	static const uint64_t awkward[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff,
		                            0xffffffffffffffff, 0x7fffffffffffffff, 4096 };
	/* Most of what the look-up reads lies in the first 2 KiB. */
	const size_t region = random_below(4) ? (size < 2048 ? size : 2048) : size;
	const size_t at = random_below((uint32_t)region);
	uint64_t value;
	size_t width;

	switch (random_below(3)) {
	case 0:
		bytes[at] ^= (unsigned char)(1u << random_below(8));
		break;
	case 1:
		bytes[at] = (unsigned char)random_below(256);
		break;
	default:
		value = awkward[random_below(sizeof(awkward) / sizeof(awkward[0]))];
		width = (size_t)1 << random_below(4);
		if (at + width <= size)
			memcpy(bytes + at, &value, width);
	}
}

static void look_everything_up(const unsigned char *base, size_t size)
{
	static const char *const names[] = { "__vdso_clock_gettime", "time", "getcpu", "LINUX_2.6",
		                             "__vdso_getrandom", "", "nothing" };
	static const char *const versions[] = { NULL, "LINUX_2.6", "linux-vdso.so.1", "" };
	struct vdk_lookup_image image;

	if (vdk_lookup_open(base, size, &image) != 0)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (size_t j = 0; j < sizeof(versions) / sizeof(versions[0]); j++) {
			const unsigned char *found = (unsigned char *)vdk_lookup_symbol(
			        &image, names[i], versions[j]);

			assert_true(!found || (found >= base && found < base + size));
		}
	}
}

static void test_damaged_copies(void **state)
{
	const unsigned char *original = NULL;
	const size_t size = own_vdso(&original);

	if (size == 0) {
		print_message("this process has no vDSO to damage\n");
		skip();
		return; /* never reached, as an analyzer cannot know */
	}
	assert_true(size <= SPACE);
	for (unsigned long round = 0; round < rounds; round++) {
		unsigned char *copy = guard - size;
		size_t known = size;

		random_state = (seed + round) * 0x9e3779b97f4a7c15u | 1;
		memcpy(copy, original, size);
		for (uint32_t i = random_below(8); i > 0; i--)
			damage(copy, size);
		/* Now and then the end of the file is missing as well. */
		if (random_below(4) == 0) {
			known = random_below((uint32_t)size);
			memmove(guard - known, copy, known);
		}
		alarm(10);
		look_everything_up(guard - known, known);
	}
	alarm(0);
	printf("figure damaged_copies %lu\n", rounds);
}

static void test_noise_behind_a_header(void **state)
{
	const unsigned char *original = NULL;
	const size_t size = own_vdso(&original);

	if (size < 512) {
		print_message("this process has no vDSO to damage\n");
		skip();
		return; /* never reached, as an analyzer cannot know */
	}
	for (unsigned long round = 0; round < rounds / 10; round++) {
		unsigned char *copy = guard - size;
		const size_t kept = 64 + random_below(1024);

		random_state = (seed + round) * 0x9e3779b97f4a7c15u | 1;
		memcpy(copy, original, size);
		for (size_t i = kept; i < size; i++)
			copy[i] = (unsigned char)random_below(256);
		alarm(10);
		look_everything_up(copy, size);
	}
	alarm(0);
	printf("figure damaged_copies %lu\n", rounds / 10);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damaged_copies),
		cmocka_unit_test(test_noise_behind_a_header),
	};
	unsigned char *memory;

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		rounds = strtoul(argv[2], NULL, 0);
	memory = mmap(NULL, SPACE + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || mprotect(memory + SPACE, 4096, PROT_NONE) != 0) {
		perror("mmap");
		return 1;
	}
	guard = memory + SPACE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
