/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text tools of `vdk bake` by themselves: conditions, words, edits, diffs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../changes.h"
#include "../edits.h"
#include "../scan.h"
#include "../text.h"

static void holds(const char *source, bool blank, const char *expected)
{
	struct vdk_report report;
	char *text = NULL;

	assert_int_equal(text_for_kernel(source, "test", blank, &text, &report), 0);
	assert_string_equal(text, expected);
	free(text);
}

static void test_conditions(void **state)
{
	holds("#ifdef __KERNEL__\na\n#else\nb\n#endif\n", false, "a\n");
	holds("#ifndef __KERNEL__\na\n#else\nb\n#endif\n", false, "b\n");
	holds("#ifdef __cplusplus\na\n#endif\nb\n", false, "b\n");
	/* What only the compiler knows stays, with the right word in front. */
	holds("#ifdef X\na\n#else\nb\n#endif\n", false, "#ifdef X\na\n#else\nb\n#endif\n");
	holds("#if defined(__bpf__)\na\n#elif defined(X)\nb\n#else\nc\n#endif\n", false,
	      "#if defined(X)\nb\n#else\nc\n#endif\n");
	holds("#ifdef X\na\n#elif defined(__KERNEL__)\nb\n#else\nc\n#endif\n", false,
	      "#ifdef X\na\n#else\nb\n#endif\n");
	holds("#ifdef __KERNEL__\na\n#elif !defined(__VMLINUX_H__)\nb\n#endif\n", false, "a\n");
	/* More than a name is none of ours. */
	holds("#if defined(__KERNEL__) && X\na\n#endif\n", false,
	      "#if defined(__KERNEL__) && X\na\n#endif\n");
	/* Within each other, dead ones too. */
	holds("#ifndef __KERNEL__\n#ifdef X\na\n#else\nb\n#endif\n#else\nc\n#endif\n", false, "c\n");
	holds("#ifdef X\n#ifdef __KERNEL__\na\n#else\nb\n#endif\n#endif\n", false,
	      "#ifdef X\na\n#endif\n");
	/* For messages each line keeps its number. */
	holds("#ifdef __KERNEL__\na\n#else\nb\n#endif\nc\n", true, "\na\n\n\n\nc\n");
}

static void test_conditions_broken(void **state)
{
	static const char *const broken[] = {"#endif\n", "#else\n", "#ifdef X\n", "#elif X\n"};
	struct vdk_report report;
	char deep[64 * 10] = "", *text = NULL;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_int_equal(text_for_kernel(broken[i], "test", false, &text, &report), -EINVAL);
	for (int i = 0; i < 64; i++)
		strcat(deep, "#ifdef X\n");
	assert_int_equal(text_for_kernel(deep, "test", false, &text, &report), -EINVAL);
	assert_null(text);
}

static void test_indentation(void **state)
{
	holds("        a\n", false, "\ta\n");
	holds("\t        a\n", false, "\t\ta\n");
	holds("    \ta\n", false, "\ta\n");
	holds("          a        b\n", false, "\t  a        b\n");
	holds("   \n", false, "\n");
}

/* The line in which a word stands first, or 0. */
static int find_word(const char *text, const char *word)
{
	enum scan_kind kind;
	struct scan scan;

	scan_start(&scan, text);
	while ((kind = scan_next(&scan)) != SCAN_END)
		if (kind == SCAN_WORD && scan_is(&scan, word))
			return scan.line;
	return 0;
}

static void test_words(void **state)
{
	static const char source[] = "// double\n/* float\n*/ \"double\" 'f' a\n"
	                             "#include <x.h>\n  #  include \"y.h\"\nb#include <z.h>\n";
	struct scan scan;

	assert_int_equal(find_word(source, "double"), 0);
	assert_int_equal(find_word(source, "float"), 0);
	assert_int_equal(find_word(source, "a"), 3);
	scan_start(&scan, source);
	assert_int_equal(scan_next(&scan), SCAN_WORD);
	assert_int_equal(scan_next(&scan), SCAN_INCLUDE);
	assert_true(scan_is(&scan, "<x.h>") && scan.line == 4);
	assert_int_equal(scan_next(&scan), SCAN_INCLUDE);
	assert_true(scan_is(&scan, "\"y.h\"") && scan.line == 5);
	assert_int_equal(scan_next(&scan), SCAN_WORD);
	assert_int_equal(scan_next(&scan), SCAN_SIGN);
	/* What does not end, ends with the text. */
	assert_int_equal(find_word("/* a", "a"), 0);
	assert_int_equal(find_word("\"a\\", "a"), 0);
	assert_int_equal(find_word("#include <", "a"), 0);
}

static const char edits[] = "file f\n@@ why\n one\n+two\n three\n@@ end\n last\n+more\n\nfile g\n";

static void rewrites(const char *from, bool away, const char *to)
{
	struct vdk_report report;
	char *text = NULL;

	assert_int_equal(edits_rewrite(edits, "f", from, away, &text, &report), 0);
	assert_string_equal(text, to);
	free(text);
}

static void test_edits(void **state)
{
	rewrites("one\nthree\nx\nlast\n", false, "one\ntwo\nthree\nx\nlast\nmore\n");
	rewrites("one\ntwo\nthree\nx\nlast\nmore\n", true, "one\nthree\nx\nlast\n");
	rewrites("0\none\nthree\nlast\n", false, "0\none\ntwo\nthree\nlast\nmore\n");
}

static void test_edits_refused(void **state)
{
	static const char *const refused[][2] = {
	        {"one\nfour\nlast\n", "line 2: expected 'three', found 'four' (why)"},
	        {"one\nthree\n", "expected a line 'last', found none like it (end)"},
	        {"one\nthree\none\nthree\nlast\n", "expected 'one' once, found it 2 times (why)"},
	        {"one\nthree\nlast", NULL}, /* the caller sees to that */
	        {"", "expected a line 'one', found none like it (why)"},
	        {"one", "line 2: expected 'three', found '' (why)"},
	};
	struct vdk_report report;
	char *text = NULL;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const int error = edits_rewrite(edits, "f", refused[i][0], false, &text, &report);

		assert_int_equal(error, refused[i][1] ? -EILSEQ : 0);
		if (!refused[i][1])
			free(text);
		else if (!strstr(report.text, refused[i][1]))
			fail_msg("expected: %s, found: %s", refused[i][1], report.text);
	}
}

static void prints(char *before, char *after, const char *expected)
{
	struct change change = {.path = (char *)"f", .before = before, .after = after};
	const struct changes changes = {&change, 1};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(changes_print(&changes, out), 0);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void test_patch(void **state)
{
	char numbers[] = "1\n2\n3\n4\n5\n6\n7\n8\n9\n", longer[] = "1\n2\n3\n4\n5\nx\n6\n7\n8\n9\n";
	char both[] = "x\n1\n2\n3\n4\n5\n6\n7\n8\n9\ny\n", far[40] = "", far_changed[40] = "";

	prints(NULL, numbers + 14, "--- /dev/null\n+++ b/f\n@@ -0,0 +1,2 @@\n+8\n+9\n");
	prints(numbers + 16, NULL, "--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-9\n");
	prints(numbers, longer,
	       "--- a/f\n+++ b/f\n@@ -3,6 +3,7 @@\n 3\n 4\n 5\n+x\n 6\n 7\n 8\n");
	/* Nine lines between two changes are two hunks; six are one. */
	prints(numbers, both,
	       "--- a/f\n+++ b/f\n@@ -1,3 +1,4 @@\n+x\n 1\n 2\n 3\n@@ -7,3 +8,4 @@\n 7\n 8\n 9\n+y\n");
	strcpy(far, "a\n1\n2\n3\n4\n5\n6\nb\n");
	strcpy(far_changed, "A\n1\n2\n3\n4\n5\n6\nB\n");
	prints(far, far_changed,
	       "--- a/f\n+++ b/f\n@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_conditions),    cmocka_unit_test(test_conditions_broken),
	        cmocka_unit_test(test_indentation),   cmocka_unit_test(test_words),
	        cmocka_unit_test(test_edits),         cmocka_unit_test(test_edits_refused),
	        cmocka_unit_test(test_patch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
