/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A writer that dies or stops inside an update, step by step and not by chance. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vdk/format.h>
#include <vdk/page.h>

#include "sample.h"

static int fd;
static struct vdk_page *page;
static const struct vdk_layout_record *pair;

static struct vdk_page *open_writer(void)
{
	struct vdk_page *writer;

	if (vdk_page_consume_writer(sample_reopen(fd), -1, "lock", &writer, NULL))
		abort();
	return writer;
}

static int setup(void **state)
{
	const struct pair value = pair_of(1);

	fd = sample_page();
	page = open_writer();
	pair = &vdk_page_layout(page)->records[SAMPLE_PAIR];
	return vdk_record_write(page, pair, &value);
}

static int teardown(void **state)
{
	page = vdk_page_close(page);
	close(fd);
	return 0;
}

/* A child that holds the lock in the middle of an update, stopped. */
static pid_t stopped_inside(void)
{
	const pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct vdk_page *own = open_writer();
		void *edit;

		if (vdk_record_edit(own, &vdk_page_layout(own)->records[SAMPLE_PAIR], &edit))
			_exit(9);
		*(struct pair *)edit = pair_of(50);
		raise(SIGSTOP);
		vdk_record_commit(own);
		vdk_page_close(own);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	return pid;
}

static void reads(uint64_t expected)
{
	struct pair value;

	assert_int_equal(vdk_record_read(page, pair, &value, NULL), 0);
	assert_int_equal(value.count, expected);
	assert_true(pair_holds(&value));
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void stopped_then_continued(void **state)
{
	const pid_t pid = stopped_inside();
	const struct pair value = pair_of(2);
	const int64_t start = now_ms();
	void *edit;

	reads(1);
	assert_int_equal(vdk_record_write(page, pair, &value), -ETIMEDOUT);
	assert_in_range(now_ms() - start, VDK_WRITER_PATIENCE_MS, VDK_WRITER_PATIENCE_MS + 2000);
	assert_int_equal(vdk_record_edit(page, pair, &edit), -ETIMEDOUT);
	assert_int_equal(vdk_page_take_over(page), -ETIMEDOUT);
	reads(1);
	/* Nobody robbed it: what it began, it may finish. */
	kill(pid, SIGCONT);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	reads(50);
	assert_int_equal(vdk_record_write(page, pair, &value), 0);
	reads(2);
}

static void stopped_then_killed(void **state)
{
	const pid_t pid = stopped_inside();
	const struct pair value = pair_of(2);
	uint64_t before, after;

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(pread(fd, &before, 8, offsetof(struct vdk_page_header, lock)), 8);
	assert_true((before & 0xff) != 0);
	reads(1);
	assert_int_equal(vdk_record_write(page, pair, &value), 0);
	reads(2);
	assert_int_equal(pread(fd, &after, 8, offsetof(struct vdk_page_header, lock)), 8);
	assert_int_equal(after & 0xff, 0);
	assert_true(after > before);
}

/* The next process may get the dead one's slot: the word must not be taken for its own. */
static void slot_of_the_dead_is_reused(void **state)
{
	const pid_t pid = stopped_inside();
	const struct pair value = pair_of(3);
	struct vdk_page *others[254];

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	for (int i = 0; i < 254; i++)
		others[i] = open_writer();
	for (int i = 0; i < 254; i += 23)
		assert_int_equal(vdk_record_write(others[i], pair, &value), 0);
	reads(3);
	for (int i = 0; i < 254; i++)
		vdk_page_close(others[i]);
}

/* W3 half done: rubbish in the copy that is not in use, sequence as before. */
static void half_written_copy(void **state)
{
	const uint64_t rubbish = 0xdeadbeefdeadbeef;
	struct pair value = pair_of(2);
	void *edit;

	assert_int_equal(pwrite(fd, &rubbish, 8, pair->offset + pair->copy_offset), 8);
	reads(1);
	assert_int_equal(vdk_record_edit(page, pair, &edit), 0);
	assert_int_equal(((struct pair *)edit)->count, 1);
	vdk_record_cancel(page);
	reads(1);
	assert_int_equal(vdk_record_write(page, pair, &value), 0);
	reads(2);
}

static void closing_drops_an_edit(void **state)
{
	struct vdk_page *other = open_writer();
	const struct pair value = pair_of(2);
	void *edit;

	assert_int_equal(vdk_record_edit(other, &vdk_page_layout(other)->records[SAMPLE_PAIR],
	                                 &edit), 0);
	*(struct pair *)edit = pair_of(77);
	vdk_page_close(other);
	reads(1);
	assert_int_equal(vdk_record_write(page, pair, &value), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stopped_then_continued), TEST(stopped_then_killed),
		TEST(slot_of_the_dead_is_reused), TEST(half_written_copy),
		TEST(closing_drops_an_edit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
