/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What seldom happens: a record that is written at each look, a file that shrinks while it is read,
 * a lease that is not given up, a map where BPF is forbidden, and callers that ask for what they
 * may not have.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vdk/field.h>
#include <vdk/page.h>
#include <vdk/publish.h>

#include "publish/io.h"
#include "publish/map.h"
#include "sample.h"

static struct vdk_report report;

/* Before each read by pread(2), unless it is NULL; and reads that a signal interrupts first. */
static void (*before_read)(int fd);
static int interruptions;

ssize_t pread(int fd, void *to, size_t size, off_t offset)
{
	if (interruptions) {
		interruptions--;
		errno = EINTR;
		return -1;
	}
	if (before_read)
		before_read(fd);
	return syscall(SYS_pread64, fd, to, size, offset);
}

static int plain_file(const void *bytes, size_t size)
{
	char name[] = "/tmp/vdk-test-edges-XXXXXX";
	const int fd = mkstemp(name);

	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(write(fd, bytes, size), size);
	return fd;
}

/* ---- Records ----------------------------------------------------------------------------- */

static uint32_t slot;

static void write_sequence(int fd)
{
	static uint64_t sequence;

	sequence++;
	assert_int_equal(pwrite(fd, &sequence, sizeof(sequence), slot), sizeof(sequence));
}

/* A writer that is always faster: an end of it, and the value is the caller's own still. */
static void always_torn(void **state)
{
	const int fd = sample_page();
	struct vdk_page *page;
	struct pair pair = pair_of(7);

	assert_int_equal(vdk_page_open(fd, 0, "sample", &page, &report), 0);
	slot = vdk_page_layout(page)->records[SAMPLE_PAIR].offset;
	before_read = write_sequence;
	assert_int_equal(vdk_record_read(page, &vdk_page_layout(page)->records[SAMPLE_PAIR], &pair,
	                                 NULL), -EAGAIN);
	before_read = NULL;
	/* Signals, on the other hand, are no reason to give up. */
	interruptions = 5;
	assert_int_equal(vdk_record_read(page, &vdk_page_layout(page)->records[SAMPLE_PAIR], &pair,
	                                 NULL), 0);
	assert_int_equal(interruptions, 0);
	vdk_page_close(page);
	close(fd);
}

static void what_callers_may_not(void **state)
{
	const int fd = sample_page();
	struct vdk_publication publication = VDK_PUBLICATION_CLOSED;
	struct vdk_page *page, *writer;
	int watch = -1;
	void *edit;

	assert_int_equal(vdk_page_open(fd, 0, "sample", &page, &report), 0);
	assert_int_equal(vdk_page_attended(page), -EPERM);
	assert_int_equal(vdk_page_watch(page, &watch), -EPERM);
	assert_int_equal(watch, -1);
	vdk_page_close(page);
	assert_int_equal(vdk_page_consume_writer(sample_reopen(fd), -1, "sample", &writer, &report),
	                 0);
	/* No edit is begun: nothing is written, and no lock given up that is not held. */
	vdk_record_commit(writer);
	vdk_record_cancel(writer);
	assert_int_equal(vdk_record_edit(writer, &vdk_page_layout(writer)->records[SAMPLE_PAIR],
	                                 &edit), 0);
	assert_int_equal(vdk_page_take_over(writer), -EBUSY);
	vdk_record_cancel(writer);
	assert_int_equal(vdk_page_take_over(writer), 0);
	vdk_page_close(writer);
	/* No publication, and an image that was opened by its path. */
	assert_int_equal(vdk_publisher_alive(&publication), -EINVAL);
	strcpy(publication.path, "/somewhere/image.so");
	assert_int_equal(vdk_publisher_alive(&publication), -EINVAL);
	vdk_publication_close(&publication);
	vdk_publication_close(NULL);
	close(fd);
}

/* A note whose table is none, or another page's. */
static void pages_of_bad_notes(void **state)
{
	struct sample_table table;
	struct vdk_note note;
	int fd = -5;

	sample_table(&table);
	note = sample_note(&table);
	note.image.page_size += 4096;
	assert_int_equal(vdk_page_create(-1, NULL, 0, &note, &fd, &report), -EBADMSG);
	assert_non_null(strstr(report.text, "page size: expected 12288 by the note, found 8192"));
	note = sample_note(&table);
	table.records[0].first_field = 1000;
	assert_int_equal(vdk_page_create(-1, NULL, 0, &note, &fd, &report), -EBADMSG);
	assert_int_equal(fd, -5);
}

/* ---- Text -------------------------------------------------------------------------------- */

/* What a release after this one may put into a page. */
static void kinds_that_are_not_known(void **state)
{
	const struct vdk_layout_field field = {"x", 0, 8, 1, (enum vdk_kind)99};
	const struct vdk_layout_record record = {
		.name = "r", .size = 8, .field_count = 1, .fields = &field};
	const struct vdk_field_ref ref = {.record = &record, .field = &field};
	const struct vdk_field_ref all = {.record = &record, .field = &field, .index = VDK_FIELD_ALL};
	uint64_t value = 42;

	assert_int_equal(vdk_field_parse(&ref, "1", 1, &value, &report), -EINVAL);
	assert_non_null(strstr(report.text, "a field of a known kind"));
	assert_int_equal(vdk_field_parse(&all, "1", 1, &value, &report), -EINVAL);
	assert_int_equal(value, 42);
}

static void text_with_a_nul(void **state)
{
	const struct vdk_layout_field field = {"x", 0, 8, 1, VDK_KIND_STRING};
	const struct vdk_layout_record record = {
		.name = "r", .size = 8, .field_count = 1, .fields = &field};
	const struct vdk_field_ref ref = {.record = &record, .field = &field};
	char value[8] = "before";

	assert_int_equal(vdk_field_parse(&ref, "a\0b", 3, value, &report), -EINVAL);
	assert_non_null(strstr(report.text, "at most 8 bytes without NUL"));
	assert_string_equal(value, "before");
}

/* More records than a message has room for: whole names, and then no more. */
static void a_long_list_of_names(void **state)
{
	static char names[200][32];
	static struct vdk_layout_record records[200];
	const struct vdk_layout layout = {.record_count = 200, .records = records};
	struct vdk_field_ref ref;
	const char *last;

	for (int i = 0; i < 200; i++) {
		snprintf(names[i], sizeof(names[i]), "record_number_%03d", i);
		records[i].name = names[i];
	}
	assert_int_equal(vdk_field_find(&layout, "none.x", 6, &ref, &report), -ENOENT);
	assert_non_null(strstr(report.text, "no record none: expected one of record_number_000, "));
	last = strrchr(report.text, ' ') + 1;
	assert_int_equal(strlen(last), strlen("record_number_000"));
}

/* ---- Files ------------------------------------------------------------------------------- */

static int leased = -1;

static void give_up(int signal)
{
	fcntl(leased, F_SETLEASE, F_UNLCK);
}

static void ignore(int signal)
{
}

/*
 * A publisher that asks who is there holds a lease for a moment; one that is stopped meanwhile
 * holds it until the kernel breaks it, which takes longer than the second that is waited here.
 */
static void leases(void **state)
{
	char name[] = "/tmp/vdk-test-edges-XXXXXX";
	int fd = -1;

	leased = mkstemp(name);
	assert_true(leased >= 0);
	signal(SIGIO, give_up);
	if (fcntl(leased, F_SETLEASE, F_WRLCK)) {
		unlink(name);
		skip();
	}
	assert_int_equal(vdk_open_at(AT_FDCWD, name, O_RDONLY, &fd), 0);
	close(fd);
	signal(SIGIO, ignore);
	assert_int_equal(fcntl(leased, F_SETLEASE, F_WRLCK), 0);
	assert_int_equal(vdk_open_at(AT_FDCWD, name, O_RDONLY, &fd), -EWOULDBLOCK);
	assert_non_null(strstr(vdk_open_problem(-EWOULDBLOCK), "somebody holds a lease"));
	close(leased);
	unlink(name);
}

static void shorten(int fd)
{
	assert_int_equal(ftruncate(fd, 70), 0);
}

static void take_away(int fd)
{
	assert_int_equal(ftruncate(fd, 0), 0);
}

/* The reader of an image's note, on files that change and on what is none. */
static void notes_of_changing_files(void **state)
{
	char image[8192] = "\177ELF\2\1\1";
	struct vdk_note note;
	int fd, pipes[2];

	image[16] = 3;
	image[18] = 62;
	image[32] = 64; /* e_phoff, e_phentsize, e_phnum */
	image[54] = 56;
	image[56] = 1;
	fd = plain_file(image, sizeof(image));
	before_read = shorten;
	assert_int_equal(vdk_note_read(fd, "x", &note, &report), -ENOEXEC);
	assert_non_null(strstr(report.text, "became shorter while the program header table"));
	assert_int_equal(ftruncate(fd, sizeof(image)), 0);
	before_read = take_away;
	assert_int_equal(vdk_note_read(fd, "x", &note, &report), -ENOEXEC);
	assert_non_null(strstr(report.text, "became shorter while the ELF header"));
	before_read = NULL;
	close(fd);
	assert_int_equal(vdk_note_read(-1, "x", &note, &report), -EBADF);
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(vdk_note_read(pipes[0], "x", &note, &report), -ENOEXEC);
	assert_non_null(strstr(report.text, "expected a regular file"));
	close(pipes[0]);
	close(pipes[1]);
}

/* ---- A page that a BPF program writes ---------------------------------------------------- */

static char folder[] = "/tmp/vdk-test-edges-XXXXXX";
static int runtime = -1, publication = -1;

static int setup_map(void **state)
{
	strcpy(strrchr(folder, '-'), "-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	runtime = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mkdirat(runtime, "x", 0755);
	publication = openat(runtime, "x", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return symlinkat("../.bpf/pin", publication, "page");
}

static int teardown_map(void **state)
{
	unlinkat(publication, "page", 0);
	unlinkat(runtime, ".bpf/pin", 0);
	unlinkat(runtime, ".bpf/pin", AT_REMOVEDIR);
	unlinkat(runtime, ".bpf", AT_REMOVEDIR);
	unlinkat(runtime, "x", AT_REMOVEDIR);
	close(runtime);
	close(publication);
	return rmdir(folder);
}

static void refuses_map(int error, const char *words)
{
	char pin[VDK_MAP_PIN_MAX];
	int fd = -1;

	assert_int_equal(vdk_map_link(publication, pin), 1);
	assert_int_equal(vdk_map_open(publication, pin, "x/page", &fd, &report), error);
	assert_int_equal(fd, -1);
	if (!strstr(report.text, words))
		fail_msg("expected \"%s\", found \"%s\"", words, report.text);
}

static void maps_that_are_none(void **state)
{
	refuses_map(-ESTALE, "was another file system mounted or unmounted?");
	assert_int_equal(mkdirat(runtime, ".bpf", 0755), 0);
	refuses_map(-ESTALE, "its BPF map is not at ../.bpf/pin");
	assert_int_equal(mkdirat(runtime, ".bpf/pin", 0755), 0);
	refuses_map(-EBADMSG, "expected a pinned BPF map");
	assert_int_equal(unlinkat(runtime, ".bpf/pin", AT_REMOVEDIR), 0);
	close(openat(runtime, ".bpf/pin", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	if (geteuid() == 0) {
		assert_int_equal(fchownat(runtime, ".bpf/pin", 20001, 20001, 0), 0);
		refuses_map(-EPERM, "not to be trusted: expected owner uid 0, found uid 20001");
		assert_int_equal(fchownat(runtime, ".bpf/pin", 0, 0, 0), 0);
	}
	assert_int_equal(fchmodat(runtime, ".bpf", 0777, 0), 0);
	refuses_map(-EPERM, "not to be trusted: expected to be writable by its owner alone");
}

/* A plain file in the place of a pin: refused by the kernel, which may refuse everything of BPF. */
static void maps_that_are_files(void **state)
{
	char pin[VDK_MAP_PIN_MAX];
	int fd = -1;

	mkdirat(runtime, ".bpf", 0755);
	close(openat(runtime, ".bpf/pin", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	assert_true(vdk_map_open(publication, "pin", "x/page", &fd, &report) < 0);
	assert_true(strstr(report.text, "is forbidden here") ||
	            strstr(report.text, "cannot open the BPF map"));
	assert_int_equal(fd, -1);
	/* The pin goes with its publication, and nothing else. */
	vdk_map_unpin(runtime, publication);
	assert_int_equal(faccessat(runtime, ".bpf/pin", F_OK, 0), -1);
	/* Links of any other form are no map's. */
	unlinkat(publication, "page", 0);
	assert_int_equal(vdk_map_link(publication, pin), 0);
	assert_int_equal(symlinkat("../.bpf/../x", publication, "page"), 0);
	assert_int_equal(vdk_map_link(publication, pin), 0);
}

#define MAP_TEST(name) cmocka_unit_test_setup_teardown(name, setup_map, teardown_map)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(always_torn),
		cmocka_unit_test(what_callers_may_not),
		cmocka_unit_test(pages_of_bad_notes),
		cmocka_unit_test(kinds_that_are_not_known),
		cmocka_unit_test(text_with_a_nul),
		cmocka_unit_test(a_long_list_of_names),
		cmocka_unit_test(leases),
		cmocka_unit_test(notes_of_changing_files),
		MAP_TEST(maps_that_are_none),
		MAP_TEST(maps_that_are_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
