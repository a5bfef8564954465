/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The auxiliary vector and the mappings of a process, read of a prepared folder: what no kernel
 * gives, and what a process does to its own stack.
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake-process.h"

static int read_auxv(struct vdk_auxv *ret)
{
	struct vdk_process *process = fake_open();
	struct vdk_maps *maps;
	int error;

	assert_int_equal(vdk_process_maps(process, &maps, &fake_report), 0);
	error = vdk_auxv_read(process, maps, ret, &fake_report);
	vdk_maps_free(maps);
	vdk_process_close(process);
	return error;
}

static void refuses_auxv(int expected, const char *words)
{
	struct vdk_auxv auxv;

	assert_int_equal(read_auxv(&auxv), expected);
	if (!strstr(fake_report.text, words))
		fail_msg("expected \"%s\", found \"%s\"", words, fake_report.text);
	/* Whoever wants the image is told the same. */
	fake_refuses_image(expected, words);
}

static void auxv_is_found(void **state)
{
	struct vdk_auxv auxv;

	assert_int_equal(read_auxv(&auxv), 0);
	assert_int_equal(auxv.word, 8);
	assert_int_equal(auxv.saved_count, 3);
	assert_int_equal(auxv.own_error, 0);
	assert_int_equal(auxv.own_address, FAKE_VECTOR);
}

static void auxv_refused(void **state)
{
	uint64_t many[2 * (VDK_AUXV_MAX + 2)] = {0};

	fake_text("auxv", "");
	refuses_auxv(-ESRCH, "a zombie, or a kernel thread");
	fake_text("auxv", "half a pair");
	refuses_auxv(-EBADMSG, "ends with AT_NULL");
	for (size_t i = 0; i <= VDK_AUXV_MAX; i++)
		many[2 * i] = 1000 + i;
	fake_put("auxv", many, sizeof(many), 0);
	refuses_auxv(-EBADMSG, "at most 128 entries");
	unlinkat(fake_dir, "auxv", 0);
	refuses_auxv(-ESRCH, "cannot read its auxiliary vector");
	assert_int_equal(mkdirat(fake_dir, "auxv", 0700), 0);
	refuses_auxv(-EBADMSG, "cannot read its auxiliary vector");
}

/* The longest that there may be, where the limit's off-by-one would show. */
static void auxv_of_the_largest_size(void **state)
{
	uint64_t many[2 * (VDK_AUXV_MAX + 1)] = {0};
	struct vdk_auxv auxv;

	for (size_t i = 0; i < VDK_AUXV_MAX; i++)
		many[2 * i] = 1000 + i;
	fake_put("auxv", many, sizeof(many), 0);
	fake_put("mem", many, sizeof(many), FAKE_STACK + 0x1000);
	assert_int_equal(read_auxv(&auxv), 0);
	assert_int_equal(auxv.saved_count, VDK_AUXV_MAX);
	assert_int_equal(auxv.own_count, VDK_AUXV_MAX);
}

static void auxv_of_32_bits(void **state)
{
	const unsigned char ident[EI_NIDENT] = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32};
	const uint32_t pairs[] = {AT_PAGESZ, 4096, AT_SYSINFO_EHDR, FAKE_IMAGE, AT_NULL, 0};
	struct vdk_auxv auxv;

	fake_put("exe", ident, sizeof(ident), 0);
	fake_put("auxv", pairs, sizeof(pairs), 0);
	fake_put("mem", pairs, sizeof(pairs), FAKE_STACK + 0x1004);
	assert_int_equal(read_auxv(&auxv), 0);
	assert_int_equal(auxv.word, 4);
	assert_int_equal(auxv.own_address, FAKE_STACK + 0x1004);
	assert_int_equal(auxv.own[1].value, FAKE_IMAGE);
}

/* Field 28 of stat begins where the kernel put the stack: what lies below it is not looked at. */
static void auxv_from_the_start_of_the_stack(void **state)
{
	struct vdk_auxv auxv;

	/* A name may hold anything: 67584 is 0x10800, 67592 one word more. */
	fake_text("stat", "42 (a) (b 1) R 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 "
	                 "27 67584 29");
	assert_int_equal(read_auxv(&auxv), 0);
	assert_int_equal(auxv.own_error, 0);
	fake_text("stat", "42 (a) R 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 "
	                 "67592 29");
	assert_int_equal(read_auxv(&auxv), 0);
	assert_int_equal(auxv.own_error, -ENOENT);
	/* Cut off, or of somebody who may not be asked: then from where the stack's mapping begins. */
	fake_text("stat", "42 (a) R 4");
	assert_int_equal(read_auxv(&auxv), 0);
	assert_int_equal(auxv.own_error, 0);
}

static void auxv_of_no_stack(void **state)
{
	struct vdk_auxv auxv;

	fake_text("maps", "40000-41000 r-xp 0 00:00 0 [vdso]\n");
	assert_int_equal(read_auxv(&auxv), 0);
	assert_int_equal(auxv.own_error, -ENOENT);
	assert_int_equal(auxv.own_count, 0);
}

/* 16 MiB at the end are looked through, a byte before them is not. */
static void auxv_of_a_large_stack(void **state)
{
	struct vdk_auxv auxv;

	fake_text("maps", "10000-2010000 rw-p 0 00:00 0 [stack]\n");
	fake_put("mem", "", 1, 0x200ffff);
	assert_int_equal(read_auxv(&auxv), 0);
	assert_int_equal(auxv.own_error, -ENOENT);
	fake_auxv(FAKE_IMAGE, 0x1010000);
	assert_int_equal(read_auxv(&auxv), 0);
	assert_int_equal(auxv.own_address, 0x1010000);
}

/* Overwritten by the program: the kernel's is believed. Gone with the process: nothing is. */
static void auxv_that_cannot_be_read(void **state)
{
	struct vdk_bytes image;
	struct vdk_auxv auxv;

	fake_put("mem", "gone", 4, FAKE_VECTOR);
	assert_int_equal(fake_image(false, &image), 0);
	free(image.bytes);
	fake_cut("mem", FAKE_STACK);
	assert_int_equal(read_auxv(&auxv), 0);
	assert_int_equal(auxv.own_error, -ESRCH);
	fake_refuses_image(-ESRCH, "cannot read its stack");
}

/* ---- What mappings are ----------------------------------------------------------------------- */

/* The names that publishing gives, and nothing of it behind them. */
static void names_alone(void **state)
{
	struct vdk_process *process;
	struct vdk_maps *maps;

	fake_text("maps", "10000-11000 r--p 0 00:00 0\n"
	                 "11000-12000 r--s 0 08:01 5 /run/vdk/x/page\n"
	                 "12000-13000 r-xp 0 08:01 6 /run/vdk/x/image.so\n");
	process = fake_open();
	assert_int_equal(vdk_process_maps(process, &maps, &fake_report), 0);
	assert_int_equal(maps->maps[0].kind, VDK_MAP_ANON);
	assert_int_equal(maps->maps[1].kind, VDK_MAP_FILE);
	assert_int_equal(maps->maps[2].kind, VDK_MAP_CODE);
	vdk_maps_free(maps);
	/* Whose memory is not ours to read is known by names only. */
	vdk_process_close(process);
	unlinkat(fake_dir, "mem", 0);
	assert_int_equal(mkdirat(fake_dir, "mem", 0700), 0);
	process = fake_open();
	assert_int_equal(vdk_process_memory(process), -EBADMSG);
	assert_int_equal(vdk_process_maps(process, &maps, &fake_report), 0);
	assert_int_equal(maps->maps[0].kind, VDK_MAP_VDK_PROCESS);
	assert_int_equal(maps->maps[1].kind, VDK_MAP_VDK_PAGE);
	assert_int_equal(maps->maps[2].kind, VDK_MAP_VDK_IMAGE);
	vdk_maps_free(maps);
	vdk_process_close(process);
}

/* An upgrade took the program's name away; it is the program all the same. */
static void a_program_that_was_deleted(void **state)
{
	struct vdk_process *process;
	struct vdk_maps *maps;

	fake_text("maps", "10000-11000 r-xp 0 08:01 6 /opt/libodd.so (deleted)\n"
	                 "12000-13000 r-xp 0 08:01 7 /opt/other\n");
	assert_int_equal(symlinkat("/opt/libodd.so (deleted)", fake_dir, "exe"), 0);
	process = fake_open();
	assert_int_equal(vdk_process_maps(process, &maps, &fake_report), 0);
	assert_int_equal(maps->maps[0].owner, VDK_OWNER_PROGRAM);
	assert_int_equal(maps->maps[1].owner, VDK_OWNER_LIBRARY);
	vdk_maps_free(maps);
	vdk_process_close(process);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(auxv_is_found),
		FAKE_TEST(auxv_refused),
		FAKE_TEST(auxv_of_the_largest_size),
		FAKE_TEST(auxv_of_32_bits),
		FAKE_TEST(auxv_from_the_start_of_the_stack),
		FAKE_TEST(auxv_of_no_stack),
		FAKE_TEST(auxv_of_a_large_stack),
		FAKE_TEST(auxv_that_cannot_be_read),
		FAKE_TEST(names_alone),
		FAKE_TEST(a_program_that_was_deleted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
