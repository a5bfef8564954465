/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The estimate of randomness, on samples whose randomness is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inspect/entropy.h"

#define PAGE UINT64_C(4096)
#define BASE UINT64_C(0x7f0000000000)
#define COUNT 2000

static uint64_t addresses[COUNT];

/* xorshift64* (Marsaglia, Vigna): the same sample in each run of the test. */
static uint64_t next_random(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1d;
}

static struct vdk_entropy sample(unsigned int bits, uint64_t step)
{
	struct vdk_entropy entropy;

	for (size_t i = 0; i < COUNT; i++)
		addresses[i] = BASE + (next_random() >> (64 - bits)) * step;
	vdk_entropy_estimate(addresses, COUNT, PAGE, &entropy);
	return entropy;
}

/* About a hundred equal pairs, where both ways to count meet, are known to a tenth of them. */
static void near_bits(double found, double expected)
{
	if (fabs(found - expected) > 0.35)
		fail_msg("expected %.2f bits, found %.2f", expected, found);
}

static void uniform_bits_are_found(void **state)
{
	for (unsigned int bits = 4; bits <= 30; bits++)
		near_bits(sample(bits, PAGE).bits, bits);
}

static void a_larger_step_is_not_counted(void **state)
{
	const struct vdk_entropy entropy = sample(8, 512 * PAGE);

	assert_int_equal(entropy.varying, 8);
	assert_true(entropy.range > 16);
	near_bits(entropy.bits, 8);
}

static void one_address_has_none(void **state)
{
	struct vdk_entropy entropy;

	for (size_t i = 0; i < COUNT; i++)
		addresses[i] = UINT64_C(0xffffffffff600000);
	vdk_entropy_estimate(addresses, COUNT, PAGE, &entropy);
	assert_int_equal(entropy.varying, 0);
	assert_int_equal(entropy.distinct, 1);
	assert_int_equal(entropy.bins[0], COUNT);
	assert_true(entropy.bits == 0);
	vdk_entropy_estimate(addresses, 1, PAGE, &entropy);
	assert_true(entropy.bits == 0);
}

/* Half of the runs at one address: whoever guesses it is right in half of them. */
static void a_favourite_is_seen(void **state)
{
	struct vdk_entropy entropy;

	for (size_t i = 0; i < COUNT; i++)
		addresses[i] = BASE + (i % 2 ? 0 : (next_random() >> 36) * PAGE);
	vdk_entropy_estimate(addresses, COUNT, PAGE, &entropy);
	assert_true(entropy.range > 27);
	near_bits(entropy.bits, 2);
}

static void two_addresses_are_one_bit(void **state)
{
	struct vdk_entropy entropy;

	for (size_t i = 0; i < COUNT; i++)
		addresses[i] = BASE + (i % 2) * (PAGE << 20);
	vdk_entropy_estimate(addresses, COUNT, PAGE, &entropy);
	near_bits(entropy.bits, 1);
	assert_int_equal(entropy.bins[0] + entropy.bins[VDK_ENTROPY_BINS - 1], COUNT);
}

static void the_whole_address_space_is_no_overflow(void **state)
{
	struct vdk_entropy entropy;

	addresses[0] = 0;
	addresses[1] = UINT64_MAX;
	vdk_entropy_estimate(addresses, 2, PAGE, &entropy);
	assert_int_equal(entropy.bins[0], 1);
	assert_int_equal(entropy.bins[VDK_ENTROPY_BINS - 1], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(uniform_bits_are_found),
	        cmocka_unit_test(a_larger_step_is_not_counted),
	        cmocka_unit_test(one_address_has_none),
	        cmocka_unit_test(a_favourite_is_seen),
	        cmocka_unit_test(two_addresses_are_one_bit),
	        cmocka_unit_test(the_whole_address_space_is_no_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
