/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reader of maps files: kernels of several ages, hostile bytes, and every one-byte damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/inspect.h>

#define LIB " 08:01 42       /usr/lib/libx.so.1\n"

static struct vdk_maps *parse(const char *text)
{
	struct vdk_report report = {0};
	struct vdk_maps *maps = NULL;
	const int error = vdk_maps_parse(text, strlen(text), "test", NULL, &maps, &report);

	if (error)
		fail_msg("%d: %s", error, report.text);
	return maps;
}

/* The kinds of all mappings, in one line. */
static void assert_kinds(const char *text, const char *expected)
{
	struct vdk_maps *maps = parse(text);
	char found[1024] = "";

	for (size_t i = 0; i < maps->count; i++) {
		strcat(found, i ? " " : "");
		strcat(found, vdk_map_kind_name(maps->maps[i].kind));
	}
	assert_string_equal(found, expected);
	vdk_maps_free(maps);
}

static void test_elf_parts(void **state)
{
	assert_kinds("1000-2000 r--p 00000000" LIB "2000-4000 r-xp 00001000" LIB
	             "4000-5000 r--p 00003000" LIB "5000-6000 r--p 00004000" LIB
	             "6000-7000 rw-p 00005000" LIB "7000-8000 rw-p 00000000 00:00 0\n",
	             "headers code constants relro data bss");
	/* Before binutils 2.31: headers and constants in the code's part, and a gap. */
	assert_kinds("1000-3000 r-xp 00000000" LIB "3000-9000 ---p 00002000" LIB
	             "9000-a000 r--p 00002000" LIB "a000-b000 rw-p 00003000" LIB,
	             "code padding relro data");
	/* Memory that was put into a gap of it is no part of it. */
	assert_kinds("1000-2000 r-xp 00000000" LIB "3000-4000 r--p 00000000 00:00 0\n"
	             "5000-6000 rw-p 00001000" LIB, "code anonymous data");
	/* A file that is only read is no library, whatever its name. */
	assert_kinds("1000-2000 r--p 00000000" LIB, "file");
}

static void test_threads(void **state)
{
	assert_kinds("7f0000000000-7f0000021000 rw-p 00000000 00:00 0\n"
	             "7f0000021000-7f0004000000 ---p 00000000 00:00 0\n"
	             "7f1000000000-7f1000001000 ---p 00000000 00:00 0\n"
	             "7f1000001000-7f1000801000 rw-p 00000000 00:00 0\n"
	             "7f2000000000-7f2000100000 rw-p 00000000 00:00 0    [stack:1001]\n",
	             "heap reserved guard thread-stack thread-stack");
	/* Code of a just-in-time compiler, as Node has it. */
	assert_kinds("7f497c002000-7f497c003000 ---p 00000000 00:00 0\n"
	             "7f497c003000-7f497c03f000 rwxp 00000000 00:00 0\n",
	             "reserved anonymous");
}

static void test_names(void **state)
{
	assert_kinds("1000-2000 rw-s 00000000 00:01 7   /memfd:x (deleted)\n"
	             "2000-3000 rw-s 00000000 00:01 8   /dev/zero (deleted)\n"
	             "3000-4000 rw-s 00000000 00:05 9   /dev/nvidia0\n"
	             "4000-5000 rw-s 00000000 00:01 10  /SYSV00000000 (deleted)\n"
	             "5000-6000 rw-s 00000000 00:01 11  /memfd:[vdso] (deleted)\n"
	             "6000-7000 rw-p 00000000 00:00 0   [anon:vdso]\n"
	             "200000-400000 rw-p 00000000 00:10 3 /anon_hugepage (deleted)\n"
	             "400000-401000 --xp 00000000 00:00 0 [uprobes]\n"
	             "401000-402000 r--p 00000000 00:00 0 [vvar]\n"
	             "402000-403000 r--p 00000000 00:00 0 [vvar_vclock]\n"
	             "403000-404000 r-xp 00000000 00:00 0 [vdso]\n"
	             "404000-405000 r-xp 00000000 00:00 0 [sigpage]\n",
	             "memfd shared-memory device shared-memory memfd named-anonymous huge-pages "
	             "uprobes vvar vvar-vclock vdso special");
}

/* RHEL 5's 2.6.18 gave the vsyscall area the vDSO's name; the address tells. */
static void test_old_vsyscall(void **state)
{
	struct vdk_maps *maps = parse("ffffffffff600000-ffffffffffe00000 ---p 00000000 00:00 0 [vdso]\n");
	char text[1024];

	assert_int_equal(maps->maps[0].kind, VDK_MAP_VSYSCALL);
	assert_non_null(strstr(vdk_map_what(&maps->maps[0], text, sizeof(text)), "old kernel's"));
	vdk_maps_free(maps);
}

static void test_owners(void **state)
{
	struct vdk_maps *maps = parse("1000-2000 r-xp 00000000 08:01 1 /bin/a b\n"
	                              "2000-3000 r-xp 00000000 08:01 2 /lib/libc.so.6\n"
	                              "3000-4000 r-xp 00000000 08:01 3 /lib64/ld-linux-x86-64.so.2\n"
	                              "4000-5000 r-xp 00000000 08:01 4 /lib/odd\n");

	assert_string_equal(maps->maps[0].path, "/bin/a b");
	assert_int_equal(maps->maps[0].owner, VDK_OWNER_PROGRAM);
	assert_int_equal(maps->maps[1].owner, VDK_OWNER_LIBRARY);
	assert_int_equal(maps->maps[2].owner, VDK_OWNER_LOADER);
	assert_int_equal(maps->maps[3].owner, VDK_OWNER_LIBRARY);
	assert_ptr_equal(vdk_maps_find(maps, 0x2fff), &maps->maps[1]);
	assert_null(vdk_maps_find(maps, 0x5000));
	assert_null(vdk_maps_find(maps, 0xfff));
	vdk_maps_free(maps);
}

static void test_escapes(void **state)
{
	struct vdk_maps *maps = parse("1000-2000 r-xp 00000000 08:01 1 /bin/\033[31mred\177\n");

	assert_string_equal(maps->maps[0].path, "/bin/?[31mred?");
	vdk_maps_free(maps);
}

/* Characters of more than one byte stay, unless a terminal obeys them; what is none becomes one. */
static void test_utf8(void **state)
{
	static const struct {
		const char *path, *expected;
	} cases[] = {
		{"/\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7", "/\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa7"},
		{"/\xc2\x9b" "31m", "/??31m"},      /* CSI, of C1 */
		{"/a\xe2\x80\xae" "b", "/a???b"},    /* right to left from here on */
		{"/\xd8\x9c\xe2\x81\xa6\xef\xbb\xbf", "/????????"},
		{"/\xc0\xaf", "/??"},               /* a slash in too many bytes */
		{"/\xe0\x80\xaf\xf0\x80\x80\xaf", "/???????"},
		{"/\xed\xa0\x80", "/???"},          /* half of a pair of UTF-16 */
		{"/\xf4\x90\x80\x80", "/????"},     /* above the last one */
		{"/\xe2\x82", "/??"},               /* the name ends in it */
		{"/\xe2\x82z", "/??z"},
		{"/\xff\x80", "/??"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vdk_maps *maps;
		char text[128];

		snprintf(text, sizeof(text), "1000-2000 r--p 0 08:01 1 %s\n", cases[i].path);
		maps = parse(text);
		assert_string_equal(maps->maps[0].path, cases[i].expected);
		vdk_maps_free(maps);
	}
}

/* The page is listed in all kernels but those that have none of it. */
static void test_vsyscall_modes(void **state)
{
	static const struct {
		const char *text;
		enum vdk_vsyscall_mode mode;
	} cases[] = {
		{"1000-2000 r--p 0 08:01 1 /a\n", VDK_VSYSCALL_NONE},
		{"ffffffffff600000-ffffffffff601000 --xp 0 00:00 0 [vsyscall]\n",
		 VDK_VSYSCALL_XONLY},
		{"ffffffffff600000-ffffffffff601000 r-xp 0 00:00 0 [vsyscall]\n",
		 VDK_VSYSCALL_EMULATE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vdk_maps *maps = parse(cases[i].text);

		assert_int_equal(vdk_vsyscall_mode(maps), cases[i].mode);
		vdk_maps_free(maps);
	}
}

/* An address that is cut off by the end of what is looked through is none. */
static void test_scan_at_the_end(void **state)
{
	static const uint8_t load[] = {0x48, 0xc7, 0xc0, 0x00, 0x04, 0x60, 0xff};
	static const uint8_t word[] = {0x00, 0x00, 0x60, 0xff, 0xff, 0xff, 0xff, 0xff};
	uint64_t address = 0;

	for (size_t size = 0; size <= sizeof(load); size++) {
		size_t at = 0;

		assert_int_equal(vdk_vsyscall_scan(load, size, &at, &address), size == sizeof(load));
	}
	assert_true(address == UINT64_C(0xffffffffff600400));
	for (size_t size = 0; size <= sizeof(word); size++) {
		size_t at = 0;

		assert_int_equal(vdk_vsyscall_scan(word, size, &at, &address), size == sizeof(word));
	}
	assert_true(address == UINT64_C(0xffffffffff600000));
	/* The pair of bytes that is looked for, too near to the beginning for any form. */
	for (size_t from = 3; from < sizeof(load); from++) {
		size_t at = 0;

		assert_false(vdk_vsyscall_scan(load + from, sizeof(load) - from, &at, &address));
	}
}

/* The names that publishing gives are a guess only, and one that needs all of its parts. */
static void test_vdk_names(void **state)
{
	assert_kinds("1000-2000 r-xp 00000000 08:01 1 /run/vdk/x/image.so\n"
	             "3000-4000 r--p 00000000 08:01 1 /run/vdk/x/image.so\n",
	             "code constants");
	/* Vdk's name, and before it no page: a neighbour that is not shared, or a gap. */
	assert_kinds("1000-2000 r--p 00000000 08:01 2 /run/vdk/x/page\n"
	             "2000-3000 r-xp 00000000 08:01 1 /run/vdk/x/image.so\n",
	             "file code");
	assert_kinds("1000-2000 r--s 00000000 08:01 2 /run/vdk/x/page\n"
	             "3000-4000 r-xp 00000000 08:01 1 /run/vdk/x/image.so\n",
	             "file code");
	assert_kinds("1000-2000 r--p 00000000 00:00 0\n"
	             "2000-3000 r--s 00000000 00:0e 2 anon_inode:bpf-map\n"
	             "3000-4000 r-xp 00000000 08:01 1 /run/vdk/x/image.so\n",
	             "vdk-process-page vdk-page vdk-image");
}

/* Permissions that no kernel gives are called so. */
static void test_why(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"1000-2000 rwxp 0 00:00 0 [vdso]\n", "somebody changed it"},
		{"1000-2000 r-xp 0 00:00 0 [vdso]\n", "a debugger's breakpoint"},
		{"ffffffffff600000-ffffffffff601000 rw-p 0 00:00 0 [vsyscall]\n", "no kernel is known"},
		{"1000-2000 --xp 0 00:00 0\n", "may be run but not read"},
		{"1000-2000 -w-p 0 00:00 0\n", "an unusual mix"},
		{"1000-2000 r--s 0 00:00 0\n", "others may change it"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vdk_maps *maps = parse(cases[i].text);
		char text[512];

		if (!strstr(vdk_map_why(&maps->maps[0], text, sizeof(text)), cases[i].words))
			fail_msg("expected \"%s\", found \"%s\"", cases[i].words, text);
		vdk_maps_free(maps);
	}
}

static void test_auxv_names(void **state)
{
	const char *meaning = "";

	assert_string_equal(vdk_auxv_name(33, &meaning), "AT_SYSINFO_EHDR");
	assert_string_equal(meaning, "where the vDSO lies");
	assert_null(vdk_auxv_name(UINT64_MAX, &meaning));
	assert_null(meaning);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"", "found none"},
		{"hello\n", "found none"},
		{"2000-1000 r-xp 00000000 08:01 1\n", "line 1: expected a range from 0 on"},
		{"1000-1000 r-xp 00000000 08:01 1\n", "line 1"},
		{"2000-3000 r-xp 0 08:01 1\n1000-1800 r-xp 0 08:01 1\n", "line 2: expected a range"},
		{"2000-3000 r-xp 0 08:01 1\n2800-3800 r-xp 0 08:01 1\n", "line 2: expected a range"},
		{"1000-2000 rwwp 00000000 08:01 1\n", "expected START-END"},
		{"1000-2000 r-xq 00000000 08:01 1\n", "expected START-END"},
		{"1000-2000 r-xp\n", "expected START-END"},
		{"1000-2000 r-xp 0 08:01 18446744073709551616\n", "expected START-END"},
		{"1000-2000 r-xp 0 100000000:01 1\n", "expected START-END"},
		{"1000-2000 r-xp 0 08:01 1x\n", "expected START-END"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vdk_report report = {0};
		struct vdk_maps *maps = NULL;

		assert_int_equal(vdk_maps_parse(cases[i].text, strlen(cases[i].text), "test", NULL,
		                                &maps, &report), -EBADMSG);
		assert_null(maps);
		if (!strstr(report.text, cases[i].words))
			fail_msg("expected \"%s\", found \"%s\"", cases[i].words, report.text);
	}
}

static void test_too_many(void **state)
{
	const size_t count = VDK_MAPS_MAX + 1;
	char *text = malloc(count * 64), *at = text;
	struct vdk_report report = {0};
	struct vdk_maps *maps = NULL;

	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		at += sprintf(at, "%zx000-%zx000 r--p 0 00:00 0\n", 2 * i, 2 * i + 1);
	assert_int_equal(vdk_maps_parse(text, (size_t)(at - text), "test", NULL, &maps, &report),
	                 -EFBIG);
	assert_int_equal(vdk_maps_parse(text, VDK_MAPS_TEXT_MAX + 1, "test", NULL, &maps, &report),
	                 -EFBIG);
	free(text);
}

/* Whatever one byte becomes, the reader ends, stays inside, and what it gives can be explained. */
static void test_mutations(void **state)
{
	static const char good[] = "1000-2000 r-xp 00000000 08:01 1 /bin/a (deleted)\n"
	                           "3000-4000 ---p 00000000 00:00 0\n"
	                           "4000-24000 rw-p 00000000 00:00 0\n"
	                           "ffffffffff600000-ffffffffff601000 --xp 0 00:00 0 [vsyscall]\n";
	const size_t size = sizeof(good) - 1;
	size_t accepted = 0;

	for (size_t at = 0; at < size; at++)
		for (int byte = 0; byte < 256; byte++) {
			char *text = malloc(size), words[64];
			struct vdk_maps *maps = NULL;

			assert_non_null(text);
			memcpy(text, good, size);
			text[at] = (char)byte;
			if (!vdk_maps_parse(text, size, "test", NULL, &maps, NULL)) {
				accepted++;
				for (size_t i = 0; i < maps->count; i++) {
					vdk_map_what(&maps->maps[i], words, sizeof(words));
					assert_true(*words);
					vdk_map_why(&maps->maps[i], words, sizeof(words));
					assert_true(*words);
				}
			}
			vdk_maps_free(maps);
			free(text);
		}
	assert_true(accepted > 1000);
	for (size_t cut = 1; cut < size; cut++) {
		char *text = malloc(cut);
		struct vdk_maps *maps = NULL;

		assert_non_null(text);
		memcpy(text, good, cut);
		vdk_maps_parse(text, cut, "test", NULL, &maps, NULL);
		vdk_maps_free(maps);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elf_parts), cmocka_unit_test(test_threads),
		cmocka_unit_test(test_names),     cmocka_unit_test(test_old_vsyscall),
		cmocka_unit_test(test_owners),    cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_utf8),      cmocka_unit_test(test_vsyscall_modes),
		cmocka_unit_test(test_scan_at_the_end),
		cmocka_unit_test(test_vdk_names), cmocka_unit_test(test_why),
		cmocka_unit_test(test_auxv_names), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_many),  cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
