/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The argument of line.h, tried: a publisher with random periods, delays, stops and slews. Whatever
 * record a reader finds, what it computes must follow from (1) to (4).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../line.h"

#define TICK 0.3846 /* ns */

static double uniform(double low, double high)
{
	return low + (high - low) * drand48();
}

/* The kernel's clock: rate in ns per tick, changed at each call by up to 500 ppm around TICK. */
static struct {
	uint64_t counter;
	double ns, rate;
} kernel;

static void kernel_run(uint64_t until)
{
	kernel.ns += kernel.rate * (double)(until - kernel.counter);
	kernel.counter = until;
}

static fixed to_fixed(double ns)
{
	return (fixed)(ns * 1024) << (FASTCLOCK_SHIFT - 10);
}

static struct aim look(double period)
{
	return (struct aim){
		.now = kernel.counter,
		.lower = to_fixed(kernel.ns - uniform(5, 30)),
		.upper = to_fixed(kernel.ns + uniform(5, 30)),
		.slope = TICK * LINE_ONE * uniform(1 - 1e-7, 1 + 1e-7),
		.period = period,
	};
}

/* What the fast reader of the record computes is what line_at() says. */
static void rises(const struct line *line)
{
	fixed last = line_at(line, line->from);

	assert_true(line->before > 0 && line->after > 0 && line->coast > 0);
	for (int i = 1; i <= 50; i++) {
		const uint64_t counter = line->from + (line->until - line->from) / 50 * i;
		const fixed value = line_at(line, counter);

		assert_true(value > last);
		last = value;
	}
	assert_true(line_at(line, line->cross) - line_at(line, line->cross - 1) == line->before);
	assert_true(line_at(line, line->end) - line_at(line, line->end - 1) == line->after);
	assert_true(line->end - line->from < UINT32_MAX);
}

/* (2): nothing that was promised before is taken back, whenever the record becomes visible. */
static void continues(const struct line *old, const struct line *new, uint64_t now)
{
	const uint64_t later = old->until > new->until ? old->until : new->until;

	for (int i = 0; i <= 200; i++) {
		const uint64_t counter = now + (uint64_t)((double)(later - now) * i / 200);

		if (counter < old->until)
			assert_true(line_at(new, counter) >= line_at(old, counter));
		if (counter < new->cross && counter >= now)
			assert_true(line_at(new, counter) == line_at(old, counter));
	}
}

static void test_lives(void **state)
{
	static const double periods[] = {1e6, 4e6, 20e6, 100e6, 400e6};
	unsigned renewed = 0, late = 0, started = 0;

	(void)state;
	srand48(666);
	for (int life = 0; life < 500; life++) {
		const double period = periods[life % 5];
		struct line line = {0};

		kernel.counter = 1ull << 40;
		kernel.ns = 5e12;
		kernel.rate = TICK;
		for (int update = 0; update < 200; update++) {
			const double lateness = drand48() < 0.1 ? uniform(0, 3) : uniform(0, 0.01);
			const struct line old = line;
			struct aim aim;
			enum line_change change;

			kernel.rate = TICK * (1 + (drand48() < 0.2 ? uniform(-500e-6, 500e-6) : 0));
			kernel_run(kernel.counter + (uint64_t)(period * (1 + lateness) / TICK));
			aim = look(period);
			late += old.live && (int64_t)(aim.now - old.end) > 0;
			change = line_next(&line, &aim);
			assert_true(change != LINE_LOST);
			rises(&line);
			if (change == LINE_STARTED) {
				started++;
				/* (4): above whatever the kernel has said. */
				assert_true(line_at(&line, aim.now) > aim.upper);
				continue;
			}
			renewed += change == LINE_RENEWED;
			continues(&old, &line, aim.now);
		}
	}
	assert_true(renewed > 10000 && late > 100 && started > 500);
}

/* (3): the kernel may have slowed down by 500 ppm right after the look. */
static void test_hand_over(void **state)
{
	static const double periods[] = {1e6, 4e6, 20e6, 100e6, 400e6};

	(void)state;
	for (int life = 0; life < 500; life++) {
		const double period = periods[life % 5];
		struct line line = {0};
		struct aim aim;
		uint64_t until;

		kernel.counter = 1ull << 40;
		kernel.ns = 5e12;
		kernel.rate = TICK;
		for (int update = 0; update < 10 + life; update++) {
			kernel_run(kernel.counter + (uint64_t)(period / TICK));
			aim = look(period);
			aim.slope = TICK * LINE_ONE;
			line_next(&line, &aim);
		}
		until = line.until;
		kernel.rate = TICK * (1 - 500e-6);
		kernel_run(until);
		assert_true(line_at(&line, until) < to_fixed(kernel.ns));
	}
}

/* What no slewing explains is given up. */
static void test_lost(void **state)
{
	struct line line = {0};
	struct aim aim;

	(void)state;
	kernel.counter = 1ull << 40;
	kernel.ns = 5e12;
	kernel.rate = TICK;
	aim = look(1e8);
	line_next(&line, &aim);
	kernel_run(kernel.counter + (uint64_t)(1e8 / TICK));
	kernel.ns -= 2e6;
	aim = look(1e8);
	assert_int_equal(line_next(&line, &aim), LINE_LOST);
	assert_false(line.live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lives),
		cmocka_unit_test(test_hand_over),
		cmocka_unit_test(test_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
