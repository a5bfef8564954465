/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What vdk/image.h says of wrong options: an errno and words, before anything is made. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* after these four: */
#include <cmocka.h>

#include <vdk/image.h>

static const char *const inputs[] = {"x.vdso.c", NULL};
static const struct vdk_build_options fine = {
	.size = sizeof(fine),
	.inputs = inputs,
	.output = "/no/such/folder/x.so",
	.include_dir = "/no/such/folder",
	.sdk_dir = "/no/such/folder",
};

static void refused(const struct vdk_build_options *options, int error, const char *words)
{
	struct vdk_report report = {0};

	assert_int_equal(vdk_build(options, &report), error);
	assert_int_equal(report.error, error);
	assert_non_null(strstr(report.text, words));
	assert_int_equal(vdk_build(options, NULL), error);
}

static void sizes_of_other_versions(void **state)
{
	struct vdk_build_options options = fine;

	refused(NULL, -EINVAL, "options of another version");
	options.size = sizeof(options) + 8;
	refused(&options, -EINVAL, "options of another version");
	options.size = sizeof(options.size) - 1;
	refused(&options, -EINVAL, "options of another version");
}

/* What a newer release added is not there in an older program's: zero, not what lies behind it. */
static void an_older_program(void **state)
{
	struct vdk_build_options options = fine;

	options.size = offsetof(struct vdk_build_options, script_dir);
	options.script_dir = "/never/looked/at";
	refused(&options, -ENOENT, "No such file");
}

static void one_thing_to_make(void **state)
{
	struct vdk_build_options options = fine;

	options.script_dir = "/no/such/folder";
	refused(&options, -EINVAL, "either an image to write or a folder for scripts");
	options.script_dir = options.output = NULL;
	refused(&options, -EINVAL, "either an image to write or a folder for scripts");
}

static void the_kit_is_somewhere(void **state)
{
	struct vdk_build_options options = fine;

	options.include_dir = NULL;
	refused(&options, -EINVAL, "where are the kit's headers and sdk?");
	options = fine;
	options.sdk_dir = NULL;
	refused(&options, -EINVAL, "where are the kit's headers and sdk?");
}

static void something_to_build_from(void **state)
{
	struct vdk_build_options options = fine;

	options.inputs = NULL;
	refused(&options, -EINVAL, "no source to build from");
	options.inputs = inputs + 1;
	refused(&options, -EINVAL, "no source to build from");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_of_other_versions), cmocka_unit_test(an_older_program),
		cmocka_unit_test(one_thing_to_make),       cmocka_unit_test(the_kit_is_somewhere),
		cmocka_unit_test(something_to_build_from),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
