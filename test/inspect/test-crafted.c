/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reader of symbols on images that no linker makes: of both widths, with each table at the edge
 * of what it may be and one step beyond.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <vdk/inspect.h>

/* Where things lie in an image of SIZE bytes, which is mapped at address 0. */
enum {
	SIZE = 0x1000, PHDRS = 0x40, DYNAMIC = 0x200, SYMBOLS = 0x400, STRINGS = 0x500,
	HASH = 0x600, VERSIONS = 0x700, NEEDS = 0x780, NOTE = 0x900,
	GNU_HASH = 0xa00, /* the last, so that there are zeros up to the image's end */
};

#define NAMES "\0first\0second\0V_1\0V_2\0a.so\0b.so\0crafted.so"
enum { FIRST = 1, SECOND = 7, V_1 = 14, V_2 = 18, A_SO = 22, B_SO = 27, SONAME = 32 };

static uint8_t image[SIZE];
static bool wide;
static unsigned int dynamic_count;
static struct vdk_report report;

static void put(size_t at, const void *bytes, size_t size)
{
	memcpy(image + at, bytes, size);
}

static void put_dynamic(int32_t tag, uint32_t value)
{
	const Elf64_Dyn wide_entry = {tag, {value}};
	const Elf32_Dyn narrow_entry = {tag, {value}};

	if (wide)
		put(DYNAMIC + dynamic_count * sizeof(wide_entry), &wide_entry, sizeof(wide_entry));
	else
		put(DYNAMIC + dynamic_count * sizeof(narrow_entry), &narrow_entry,
		    sizeof(narrow_entry));
	dynamic_count++;
}

static void put_phdr(unsigned int index, uint32_t type, uint32_t offset, uint32_t size)
{
	const Elf64_Phdr wide_phdr = {.p_type = type, .p_offset = offset, .p_vaddr = offset,
	                              .p_filesz = size, .p_memsz = size};
	const Elf32_Phdr narrow_phdr = {.p_type = type, .p_offset = offset, .p_vaddr = offset,
	                                .p_filesz = size, .p_memsz = size};

	if (wide)
		put(PHDRS + index * sizeof(wide_phdr), &wide_phdr, sizeof(wide_phdr));
	else
		put(PHDRS + index * sizeof(narrow_phdr), &narrow_phdr, sizeof(narrow_phdr));
}

static void put_header(uint16_t phdr_count)
{
	static const unsigned char ident[] = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, 0, ELFDATA2LSB};
	const Elf64_Ehdr wide_header = {.e_phoff = PHDRS, .e_phnum = phdr_count,
	                                .e_phentsize = sizeof(Elf64_Phdr)};
	const Elf32_Ehdr narrow_header = {.e_phoff = PHDRS, .e_phnum = phdr_count,
	                                  .e_phentsize = sizeof(Elf32_Phdr)};

	if (wide)
		put(0, &wide_header, sizeof(wide_header));
	else
		put(0, &narrow_header, sizeof(narrow_header));
	put(0, ident, sizeof(ident));
	image[EI_CLASS] = wide ? ELFCLASS64 : ELFCLASS32;
}

/* The symbols 1, defined, with its body at the image's end, and 2, needed of another file. */
static void put_symbols(void)
{
	const Elf64_Sym wide_symbols[] = {
		{0},
		{.st_name = FIRST, .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = 1,
	         .st_value = SIZE - 16, .st_size = 16},
		{.st_name = SECOND, .st_info = ELF64_ST_INFO(STB_WEAK, STT_FUNC)},
	};
	const Elf32_Sym narrow_symbols[] = {
		{0},
		{.st_name = FIRST, .st_info = ELF32_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = 1,
	         .st_value = SIZE - 16, .st_size = 16},
		{.st_name = SECOND, .st_info = ELF32_ST_INFO(STB_WEAK, STT_FUNC)},
	};

	if (wide)
		put(SYMBOLS, wide_symbols, sizeof(wide_symbols));
	else
		put(SYMBOLS, narrow_symbols, sizeof(narrow_symbols));
}

/* Two files are needed, and of each one version. */
static void put_versions(void)
{
	const uint16_t versions[] = {0, 2, 3};
	const struct {
		Elf64_Verneed need;
		Elf64_Vernaux version;
	} needs[] = {
		{{1, 1, A_SO, sizeof(Elf64_Verneed), sizeof(needs[0])}, {0, 0, 2, V_1, 0}},
		{{1, 1, B_SO, sizeof(Elf64_Verneed), 0}, {0, 0, 3, V_2, 0}},
	};

	put(VERSIONS, versions, sizeof(versions));
	put(NEEDS, needs, sizeof(needs));
}

/* A good one but for the table that tells how many symbols there are. */
static void make(void)
{
	static const Elf64_Nhdr note = {4, 4, NT_GNU_BUILD_ID};

	memset(image, 0, sizeof(image));
	dynamic_count = 0;
	put_header(3);
	put_phdr(0, PT_LOAD, 0, SIZE);
	put_phdr(1, PT_DYNAMIC, DYNAMIC, SYMBOLS - DYNAMIC);
	put_phdr(2, PT_NOTE, NOTE, 20);
	put(NOTE, &note, sizeof(note));
	put(NOTE + sizeof(note), "GNU\0\xde\xad\xbe\xef", 8);
	put(STRINGS, NAMES, sizeof(NAMES));
	put_symbols();
	put_versions();
	put_dynamic(DT_SYMTAB, SYMBOLS);
	put_dynamic(DT_STRTAB, STRINGS);
	put_dynamic(DT_STRSZ, sizeof(NAMES));
	put_dynamic(DT_SONAME, SONAME);
	put_dynamic(DT_VERSYM, VERSIONS);
	put_dynamic(DT_VERNEED, NEEDS);
	put_dynamic(DT_VERNEEDNUM, 2);
}

static void put_hash(uint32_t count)
{
	const uint32_t hash[] = {1, count, 1};

	put(HASH, hash, sizeof(hash));
	put_dynamic(DT_HASH, HASH);
}

/* One bucket that leads to the symbol @first; @ends: the hash values of symbols from 1 on. */
static void put_gnu_hash(uint32_t buckets, uint32_t from, uint32_t filters, uint32_t first,
                         const uint32_t ends[2])
{
	const uint32_t header[] = {buckets, from, filters, 0};
	const size_t bucket = GNU_HASH + sizeof(header) + (wide ? 8 : 4);

	put(GNU_HASH, header, sizeof(header));
	put(bucket, &first, 4);
	put(bucket + 4, ends, 8);
	put_dynamic(DT_GNU_HASH, GNU_HASH);
}

/* The symbols that are found; SIZE_MAX: refused. */
static size_t count(size_t size)
{
	/* A block of its own, so that sanitizers see a step beyond. */
	uint8_t *copy = malloc(size ? size : 1);
	struct vdk_symbols *symbols;
	size_t found = SIZE_MAX;

	assert_non_null(copy);
	memcpy(copy, image, size);
	report = (struct vdk_report){0};
	if (vdk_symbols_parse(copy, size, "crafted", &symbols, &report)) {
		assert_int_equal(report.error, -ENOEXEC);
	} else {
		found = symbols->count;
		vdk_symbols_free(symbols);
	}
	free(copy);
	return found;
}

static void refused(const char *words)
{
	assert_int_equal(count(SIZE), SIZE_MAX);
	if (!strstr(report.text, words))
		fail_msg("expected \"%s\", found \"%s\"", words, report.text);
}

static void all_is_read(void **state)
{
	struct vdk_symbols *symbols;

	make();
	put_hash(3);
	assert_int_equal(vdk_symbols_parse(image, SIZE, "crafted", &symbols, &report), 0);
	assert_int_equal(symbols->bits, wide ? 64 : 32);
	assert_string_equal(symbols->soname, "crafted.so");
	assert_string_equal(symbols->build_id, "deadbeef");
	assert_int_equal(symbols->count, 2);
	assert_string_equal(symbols->symbols[0].name, "first");
	assert_string_equal(symbols->symbols[0].version, "V_1");
	assert_int_equal(symbols->symbols[0].offset, SIZE - 16);
	assert_int_equal(symbols->symbols[0].size, 16);
	assert_int_equal(symbols->symbols[0].binding, STB_GLOBAL);
	assert_string_equal(symbols->symbols[1].name, "second");
	assert_string_equal(symbols->symbols[1].version, "V_2");
	assert_int_equal(symbols->symbols[1].section, SHN_UNDEF);
	assert_int_equal(symbols->symbols[1].offset, 0);
	vdk_symbols_free(symbols);
}

static void counted_by_gnu_hash(void **state)
{
	/* A chain ends with an odd hash value. */
	static const uint32_t both[] = {2, 3}, one[] = {3, 2}, none[] = {0, 0};

	make();
	put_gnu_hash(1, 1, 1, 1, both);
	assert_int_equal(count(SIZE), 2);
	put_gnu_hash(1, 1, 1, 1, one);
	assert_int_equal(count(SIZE), 1);
	/* No bucket leads anywhere: what is not hashed is all there is. */
	put_gnu_hash(1, 2, 1, 0, none);
	assert_int_equal(count(SIZE), 1);
	/* No filter word, so the bucket is where the filter was. */
	put_gnu_hash(1, 1, 0, 1, both);
	assert_true(count(SIZE) != SIZE_MAX);
}

static void gnu_hash_beyond_the_image(void **state)
{
	static const uint32_t endless[] = {0, 0};

	make();
	/* None of its chains ends before the image does. */
	put_gnu_hash(1, 1, 1, 1, endless);
	assert_int_equal(count(SIZE), 0);
	put_gnu_hash(0xffffffff, 1, 1, 1, endless);
	assert_int_equal(count(SIZE), 0);
	put_gnu_hash(1, 1, 0xffffffff, 1, endless);
	assert_int_equal(count(SIZE), 0);
	put_gnu_hash(1, 0xffffffff, 1, 1, endless);
	refused("found 4294967295 symbols");
	put_gnu_hash(1, 1, 1, 0xffffffff, endless);
	assert_int_equal(count(SIZE), 0);
	/* Its header is cut by the image's end. */
	make();
	put_dynamic(DT_GNU_HASH, SIZE - 8);
	assert_int_equal(count(SIZE), 0);
	/* It lies outside, so there is none. */
	make();
	put_dynamic(DT_GNU_HASH, SIZE);
	assert_int_equal(count(SIZE), 0);
}

static void more_symbols_than_the_image_has(void **state)
{
	make();
	put_hash((SIZE - SYMBOLS) / (wide ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym)) + 1);
	refused("expected a symbol table within 4096 bytes");
	make();
	put_hash(0xffffffff);
	refused("found 4294967295 symbols from 0x400 on");
}

/* Whatever leads out of the image, or nowhere, takes versions away and nothing else. */
static void versions_beyond_the_image(void **state)
{
	static const uint32_t outside[] = {SIZE - 2, SIZE - NEEDS, 0x7fffffff, 0xffffffff};
	const size_t fields[] = {
		offsetof(Elf64_Verneed, vn_aux), offsetof(Elf64_Verneed, vn_next)};
	struct vdk_symbols *symbols;

	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		for (int field = 0; field < 2; field++) {
			make();
			put_hash(3);
			put(NEEDS + fields[field], &outside[i], 4);
			assert_int_equal(vdk_symbols_parse(image, SIZE, "crafted", &symbols, NULL), 0);
			assert_int_equal(symbols->count, 2);
			assert_string_equal(symbols->symbols[field].version, "");
			assert_string_equal(symbols->symbols[!field].version, field ? "V_1" : "V_2");
			vdk_symbols_free(symbols);
		}
}

/* As many as there can be, each leading to itself: there is an end all the same. */
static void versions_without_end(void **state)
{
	make();
	put_hash(3);
	put(NEEDS + offsetof(Elf64_Verneed, vn_cnt), &(uint16_t){0xffff}, 2);
	put(NEEDS + sizeof(Elf64_Verneed) + offsetof(Elf64_Vernaux, vna_next), &(uint32_t){1}, 4);
	put_dynamic(DT_VERNEEDNUM, 0xffffffff);
	assert_int_equal(count(SIZE), 2);
}

static void headers_cut_off(void **state)
{
	make();
	put_hash(3);
	for (size_t size = 0; size < SIZE; size++)
		assert_true(count(size) == SIZE_MAX || size > STRINGS);
	assert_int_equal(count(SIZE), 2);
	put_header(65);
	refused("expected 1 to 64 program headers");
	put_header(0);
	refused("expected 1 to 64 program headers");
}

static int make_wide(void **state)
{
	wide = true;
	return 0;
}

static int make_narrow(void **state)
{
	wide = false;
	return 0;
}

#define BOTH(test)                                                                                 \
	cmocka_unit_test_setup(test, make_wide), cmocka_unit_test_setup(test, make_narrow)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(all_is_read),
		BOTH(counted_by_gnu_hash),
		BOTH(gnu_hash_beyond_the_image),
		BOTH(more_symbols_than_the_image_has),
		BOTH(versions_beyond_the_image),
		BOTH(versions_without_end),
		BOTH(headers_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
