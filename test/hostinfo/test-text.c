/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hostinfo's parsers, with what they must take, what they must refuse and with damaged text. Each
 * text lies at the end of its own allocation, so that address sanitizer sees a byte too far.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../vdsos/hostinfo/cgroup-values.h"

static char *copy;

static struct text text_of(const char *bytes, size_t size)
{
	free(copy);
	copy = malloc(size ? size : 1);
	assert_non_null(copy);
	memcpy(copy, bytes, size);
	return (struct text){copy, copy + size};
}

static struct text text(const char *string)
{
	return text_of(string, strlen(string));
}

static void lines(void **state)
{
	struct text t = text("one\n\nthree\ncut"), line;

	assert_true(text_line(&t, &line) && text_is(&line, "one"));
	assert_true(text_line(&t, &line) && text_is(&line, ""));
	assert_true(text_line(&t, &line) && text_is(&line, "three"));
	assert_false(text_line(&t, &line));
	t = (struct text){NULL, NULL};
	assert_false(text_line(&t, &line));
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		bool taken;
		uint64_t value;
	} cases[] = {
		{"0", true, 0},
		{"007x", true, 7},
		{"18446744073709551615", true, UINT64_MAX},
		{"18446744073709551616", false, 0},
		{"99999999999999999999999999", false, 0},
		{"", false, 0},
		{"-1", false, 0},
		{"+1", false, 0},
		{" 1", false, 0},
		{"x", false, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text t = text(cases[i].text);
		uint64_t value = 0;

		assert_int_equal(text_number(&t, &value), cases[i].taken);
		if (cases[i].taken)
			assert_true(value == cases[i].value);
	}
}

static void fixed_point(void **state)
{
	static const struct {
		const char *text;
		unsigned places;
		bool taken;
		uint64_t value;
	} cases[] = {
		{"12.34", 2, true, 1234},
		{"12.34", 3, true, 12340},
		{"12.3456", 2, true, 1234},
		{"0.05", 2, true, 5},
		{"100.00", 2, true, 10000},
		{"12", 2, false, 0},
		{"12.", 2, false, 0},
		{".5", 2, false, 0},
		{"12,34", 2, false, 0},
		{"18446744073709551615.9", 1, false, 0},
		{"nan", 2, false, 0},
		{"", 2, false, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text t = text(cases[i].text);
		uint64_t value = 0;

		assert_int_equal(text_fixed(&t, cases[i].places, &value), cases[i].taken);
		if (cases[i].taken)
			assert_true(value == cases[i].value);
	}
}

static void cpu_lists(void **state)
{
	uint64_t count;

	assert_true(text_cpus(text("0\n"), &count) && count == 1);
	assert_true(text_cpus(text("0-3,8,10-11\n"), &count) && count == 7);
	assert_true(text_cpus(text("\n"), &count) && count == 0);
	assert_false(text_cpus(text("0-3"), &count));
	assert_false(text_cpus(text("0-3,2\n"), &count));
	assert_false(text_cpus(text("0-18446744073709551615\n"), &count));
}

static void paths(void **state)
{
	assert_true(text_is_plain_path(text("/")));
	assert_true(text_is_plain_path(text("/a/b..c/...")));
	assert_false(text_is_plain_path(text("")));
	assert_false(text_is_plain_path(text("a")));
	assert_false(text_is_plain_path(text("/..")));
	assert_false(text_is_plain_path(text("/a/../b")));
	assert_false(text_is_plain_path(text_of("/a\0b", 4)));
}

static void unescaping(void **state)
{
	char out[8];

	assert_true(cgroup_unescape(text("a\\040b"), out, sizeof(out)) && !strcmp(out, "a b"));
	assert_false(cgroup_unescape(text("a\\04"), out, sizeof(out)));
	assert_false(cgroup_unescape(text("a\\"), out, sizeof(out)));
	assert_false(cgroup_unescape(text("a\\000"), out, sizeof(out)));
	assert_false(cgroup_unescape(text("a\\089"), out, sizeof(out)));
	assert_true(cgroup_unescape(text("1234567"), out, sizeof(out)));
	assert_false(cgroup_unescape(text("12345678"), out, sizeof(out)));
}

/* Whatever the bytes: no crash, no byte too far; what is taken obeys the form's own bounds. */
static void parse_all(const char *bytes, size_t size)
{
	static char root[4096], point[4096];
	struct hostinfo_stall stall;
	struct text t, line;
	uint64_t a, b;

	t = text_of(bytes, size);
	text_limit(t, UINT64_MAX, &a);
	if (text_cpus(t, &a))
		assert_true(a < UINT64_C(1) << 32);
	text_has_word(t, "cpu");
	text_is_plain_path(t);
	if (take_quota(t, &a, &b))
		assert_true(b != 0);
	cgroup_own_path(t, &line);
	while (text_line(&t, &line)) {
		struct text rest = line;

		text_fixed(&rest, 3, &a);
		rest = line;
		if (text_skip(&rest, "some"))
			take_stall(&rest, &stall);
		cgroup_mount(line, root, point);
	}
}

static void damaged(void **state)
{
	static const char *const samples[] = {
		"some avg10=1.20 avg60=33.04 avg300=100.00 total=98765\nfull avg10=0.00 x",
		"41 31 0:38 / /sys/fs/cgr\\040oup rw,relatime shared:9 - cgroup2 cgroup2 rw\n",
		"0.20 0.18 0.12 1/80 11206\n",
		"0-3,8,10-11\n",
		"150000 100000\n",
		"3:cpu:/v1\n0::/shop/web\n",
		"cpuset cpu io memory\n",
	};
	char bytes[128];

	srand(1);
	for (int round = 0; round < 200000; round++) {
		const char *sample = samples[rand() % 7];
		size_t size = strlen(sample);

		memcpy(bytes, sample, size);
		for (int i = rand() % 4; i >= 0; i--)
			bytes[(size_t)rand() % size] = "0123456789 .,-=:/\\\n\0max"[rand() % 23];
		if (rand() % 3 == 0)
			size = (size_t)rand() % (size + 1);
		parse_all(bytes, size);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),       cmocka_unit_test(numbers),
		cmocka_unit_test(fixed_point), cmocka_unit_test(cpu_lists),
		cmocka_unit_test(paths),       cmocka_unit_test(unescaping),
		cmocka_unit_test(damaged),
	};
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(copy);
	return failed != 0;
}
