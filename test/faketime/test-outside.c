/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What faked times come from outside: the program date, a file that is followed, a tree's name. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "faketime/date.h"
#include "faketime/file.h"
#include "faketime/tree.h"

static struct vdk_report report;
static char folder[] = "/tmp/vdk-test-outside-XXXXXX";

static void dates(void **state)
{
	static char long_text[5000];
	int64_t seconds = -7, nanoseconds = -7;

	assert_int_equal(faketime_date("date", "@1234567890.5", &seconds, &nanoseconds), 0);
	assert_int_equal(seconds, 1234567890);
	assert_int_equal(nanoseconds, 500000000);
	seconds = nanoseconds = -7;
	assert_int_equal(faketime_date("date", "no date of any kind", &seconds, &nanoseconds), -EINVAL);
	memset(long_text, '1', sizeof(long_text) - 1);
	assert_int_equal(faketime_date("date", long_text, &seconds, &nanoseconds), -EINVAL);
	assert_int_equal(faketime_date("/nowhere/date", "now", &seconds, &nanoseconds), -ENOENT);
	/* What ends well and tells no time. */
	assert_int_equal(faketime_date("true", "now", &seconds, &nanoseconds), -EINVAL);
	assert_int_equal(seconds, -7);
	assert_int_equal(nanoseconds, -7);
}

static void set_time(const char *path, int64_t seconds)
{
	const struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = seconds}};

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* Until it says that the file has another time, for some seconds at most. */
static bool changes(int fd, struct faketime_file *file)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	for (int i = 0; i < 10; i++)
		if (poll(&wait, 1, 3000) == 1 && faketime_file_changed(file))
			return true;
	return false;
}

static void a_file_is_followed(void **state)
{
	struct faketime_spec spec = {0};
	struct faketime_file *file;
	char path[64], other[64];
	int fd;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/time", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	set_time(path, 1000);
	assert_int_equal(faketime_file_time(path, &spec), 0);
	assert_int_equal(spec.seconds, 1000);
	spec.file = path;
	assert_int_equal(faketime_file_open(&spec, &file, &report), 0);
	fd = faketime_file_begin(file);
	assert_true(fd >= 0);
	set_time(path, 2000);
	assert_true(changes(fd, file));
	assert_int_equal(file->seconds, 2000);
	/* At once again: it is looked at later, and not lost. */
	set_time(path, 3000);
	assert_true(changes(fd, file));
	assert_int_equal(file->seconds, 3000);
	/* Gone, its last time goes on; another one under its name has its own. */
	assert_int_equal(rename(path, other), 0);
	assert_false(faketime_file_changed(file));
	assert_int_equal(file->seconds, 3000);
	set_time(other, 4000);
	assert_int_equal(rename(other, path), 0);
	assert_true(changes(fd, file));
	assert_int_equal(file->seconds, 4000);
	close(fd);
	unlink(path);
	rmdir(folder);
}

static void files_that_cannot_be(void **state)
{
	static char long_path[2 * PATH_MAX];
	struct faketime_spec spec = {.file = "/nowhere/at/all"};
	struct faketime_file *file = NULL;

	assert_int_equal(faketime_file_time(spec.file, &spec), -ENOENT);
	assert_int_equal(faketime_file_open(&spec, &file, &report), -ENOENT);
	memset(long_path, '/', sizeof(long_path) - 1);
	spec.file = long_path;
	assert_int_equal(faketime_file_open(&spec, &file, &report), -ENAMETOOLONG);
	assert_non_null(strstr(report.text, "cannot be followed: "));
	assert_non_null(strstr(report.text, strerror(ENAMETOOLONG)));
	assert_null(file);
}

static void names_of_trees(void **state)
{
	char name[VDK_PUBLICATION_NAME_MAX + 1], id[VDK_PUBLICATION_NAME_MAX + 2];

	assert_int_equal(faketime_tree_name("work", name, &report), 0);
	assert_non_null(strstr(name, "work"));
	assert_int_equal(faketime_tree_name("", name, &report), -EINVAL);
	assert_int_equal(faketime_tree_name("no/name", name, &report), -EINVAL);
	memset(id, 'x', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	assert_int_equal(faketime_tree_name(id, name, &report), -EINVAL);
	assert_non_null(strstr(report.text, "expected an ID of at most"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates),
		cmocka_unit_test(a_file_is_followed),
		cmocka_unit_test(files_that_cannot_be),
		cmocka_unit_test(names_of_trees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
