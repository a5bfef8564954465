/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fields as text: what is accepted, what is refused and in which words, and the way back. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include <vdk/field.h>

#include "sample.h"

static struct vdk_layout *layout;
static struct vdk_report report;
static struct wide value;

static int setup(void **state)
{
	struct sample_table table;

	sample_table(&table);
	return vdk_layout_parse(&table,
	                        (uint32_t)offsetof(struct sample_table, strings) +
	                                table.table.string_size,
	                        256, "sample", &layout, NULL);
}

static int teardown(void **state)
{
	layout = vdk_layout_free(layout);
	return 0;
}

static int set(const char *name, const char *text)
{
	struct vdk_field_ref ref;
	const int error = vdk_field_find(layout, name, strlen(name), &ref, &report);

	return error ? error : vdk_field_parse(&ref, text, strlen(text), &value, &report);
}

static void refuse(const char *name, const char *text, int error, const char *words)
{
	const struct wide before = value;

	assert_int_equal(set(name, text), error);
	assert_non_null(strstr(report.text, words));
	assert_memory_equal(&before, &value, sizeof(value));
}

static void integers(void **state)
{
	assert_int_equal(set("wide.tiny", "-128"), 0);
	assert_int_equal(value.tiny, -128);
	assert_int_equal(set("wide.tiny", "0x7f"), 0);
	assert_int_equal(value.tiny, 127);
	assert_int_equal(set("wide.tiny", "-0x80"), 0);
	assert_int_equal(value.tiny, -128);
	assert_int_equal(set("wide.tiny", "+5"), 0);
	assert_int_equal(value.tiny, 5);
	assert_int_equal(set("wide.count", "18446744073709551615"), 0);
	assert_true(value.count == UINT64_MAX);
	assert_int_equal(set("wide.count", "-0"), 0);
	assert_true(value.count == 0);
	assert_int_equal(set("wide.level[1].price", "0777"), 0);
	assert_int_equal(value.level[1].price, 777);
	refuse("wide.tiny", "128", -ERANGE, "expected -128..127, found 128");
	refuse("wide.tiny", "-129", -ERANGE, "expected -128..127, found -129");
	refuse("wide.count", "-1", -ERANGE, "expected 0..18446744073709551615, found -1");
	refuse("wide.count", "18446744073709551616", -ERANGE, "found 18446744073709551616");
	refuse("wide.words[3]", "4294967296", -ERANGE, "expected 0..4294967295");
	static const char *const none[] = {"",   " 5",  "5 ", "five", "0x", "1e3", "--5", "+-5",
	                                   "5.", "0xg", "-",  "+",    "ff", "1,2"};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		refuse("wide.tiny", none[i], -EINVAL, "expected a whole number, found ");
}

static void floats(void **state)
{
	assert_int_equal(set("wide.exact", "1.5e3"), 0);
	assert_true(value.exact == 1500.0);
	assert_int_equal(set("wide.exact", "nan"), 0);
	assert_true(isnan(value.exact));
	assert_int_equal(set("wide.real", "-inf"), 0);
	assert_true(isinf(value.real));
	refuse("wide.real", "1e39", -ERANGE, "expected -3.4e38..3.4e38, found 1e39");
	refuse("wide.exact", "1e999", -ERANGE, "found 1e999");
	refuse("wide.exact", "1.5x", -EINVAL, "expected a number, found 1.5x");
	refuse("wide.exact", "", -EINVAL, "expected a number");
	refuse("wide.exact", " 1", -EINVAL, "expected a number");
}

static void bools_and_strings(void **state)
{
	assert_int_equal(set("wide.flag", "true"), 0);
	assert_true(value.flag);
	assert_int_equal(set("wide.flag", "0"), 0);
	assert_false(value.flag);
	refuse("wide.flag", "yes", -EINVAL, "expected true or false, found yes");
	refuse("wide.flag", "2", -EINVAL, "expected true or false, found 2");
	assert_int_equal(set("wide.text", "abcde"), 0);
	assert_memory_equal(value.text, "abcde", 5);
	assert_int_equal(set("wide.text", "x"), 0);
	assert_memory_equal(value.text, "x\0\0\0\0", 5);
	refuse("wide.text", "abcdef", -ERANGE, "expected at most 5 bytes without NUL, found abcdef");
}

static void arrays(void **state)
{
	char text[512] = "";

	for (int i = 0; i < 61; i++)
		sprintf(text + strlen(text), "%s%d", i ? "," : "", i * 2);
	assert_int_equal(set("wide.words", text), 0);
	assert_int_equal(value.words[60], 120);
	assert_int_equal(set("wide.words[60]", "7"), 0);
	assert_int_equal(value.words[60], 7);
	assert_int_equal(value.words[59], 118);
	refuse("wide.words", "1,2,3", -EINVAL, "expected 61 elements, found 3");
	strcat(text, ",1");
	refuse("wide.words", text, -EINVAL, "expected 61 elements, found 62");
	refuse("wide.words[61]", "1", -ERANGE, "expected an element 0..60, found 61");
	refuse("wide.words[]", "1", -ENOENT, "no field");
	refuse("wide.words[-1]", "1", -ENOENT, "no field");
	refuse("wide.words[99999999999]", "1", -ENOENT, "no field");
	refuse("wide.tiny[1]", "1", -ENOENT, "no field");
	assert_int_equal(set("wide.tiny[0]", "9"), 0);
	assert_int_equal(value.tiny, 9);
	refuse("wide.level[2].price", "1", -ENOENT, "no field");
}

static void names(void **state)
{
	refuse("wide.nothing", "1", -ENOENT, "expected one of count, words, real");
	refuse("nobody.count", "1", -ENOENT, "no record nobody: expected one of pair, wide");
	refuse("wide", "1", -EINVAL, "whole record");
	refuse("", "1", -ENOENT, "no record");
	refuse("wide.", "1", -ENOENT, "no field");
	refuse(".count", "1", -ENOENT, "no record");
}

/* A later release's kind, in a layout that this one would not have handed out. */
static void a_later_kind(void **state)
{
	struct vdk_field_ref ref;
	struct vdk_layout_field later;

	assert_int_equal(vdk_field_find(layout, "wide.tiny", strlen("wide.tiny"), &ref, NULL), 0);
	later = *ref.field;
	later.kind = VDK_KIND_STRING + 1;
	ref.field = &later;
	assert_int_equal(vdk_field_parse(&ref, "5", 1, &value, &report), -EINVAL);
	assert_non_null(strstr(report.text, "wide.tiny: expected a field of a known kind, found 5"));
}

static void no_text_holds_a_nul(void **state)
{
	struct vdk_field_ref ref;

	assert_int_equal(vdk_field_find(layout, "wide.text", strlen("wide.text"), &ref, NULL), 0);
	assert_int_equal(vdk_field_parse(&ref, "a\0b", 3, &value, &report), -EINVAL);
	assert_non_null(strstr(report.text, "expected at most 5 bytes without NUL, found a?b"));
}

/* All of it or nothing: the elements before the wrong one do not reach the record. */
static void a_wrong_element(void **state)
{
	refuse("wide.words", "1,2,x", -EINVAL, "expected a whole number, found x");
}

static void nothing_reaches_a_terminal(void **state)
{
	assert_int_equal(set("wide.tiny", "\033[2J"), -EINVAL);
	assert_null(strchr(report.text, '\033'));
}

static const char *text_of(const char *name, uint32_t index)
{
	static char text[VDK_FIELD_TEXT];
	struct vdk_field_ref ref;

	assert_int_equal(vdk_field_find(layout, name, strlen(name), &ref, NULL), 0);
	assert_true(vdk_field_format(ref.field, index, &value, text, sizeof(text)) >= 0);
	return text;
}

static void round_trips(void **state)
{
	static const double numbers[] = {0,      0.1,    1.0 / 3, 1e300, 5e-324, 123456789.125,
	                                 -1e-7, 2.5e10, 1e15,    3,     101.25};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		value.exact = numbers[i];
		assert_int_equal(set("wide.exact", text_of("wide.exact", 0)), 0);
		assert_true(value.exact == numbers[i]);
		value.real = (float)numbers[i];
		if (isinf(value.real))
			continue;
		assert_int_equal(set("wide.real", text_of("wide.real", 0)), 0);
		assert_true(value.real == (float)numbers[i]);
	}
	value.exact = 0.1;
	assert_string_equal(text_of("wide.exact", 0), "0.1");
	value.real = 0.1f;
	assert_string_equal(text_of("wide.real", 0), "0.1");
	value.tiny = -1;
	assert_string_equal(text_of("wide.tiny", 0), "-1");
	memcpy(value.text, "abcde", 5);
	assert_string_equal(text_of("wide.text", 0), "abcde");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers), cmocka_unit_test(floats),
		cmocka_unit_test(bools_and_strings), cmocka_unit_test(arrays),
		cmocka_unit_test(names), cmocka_unit_test(nothing_reaches_a_terminal),
		cmocka_unit_test(round_trips), cmocka_unit_test(a_later_kind),
		cmocka_unit_test(no_text_holds_a_nul), cmocka_unit_test(a_wrong_element),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
