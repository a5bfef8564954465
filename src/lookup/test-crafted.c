/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The look-up in images that no linker makes: each table alone, other link bases, and one broken
 * field at a time. The image is a struct, so that a test can name what it breaks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <elf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <vdk/lookup.h>

#define DYNAMICS 12
#define SYMBOLS 6

/* Symbols: 1 one@V1, 2 two@V2 (chained behind 1), 3 an object, 4 an undefined one, 5 an absolute. */
struct crafted {
	Elf64_Ehdr header;
	Elf64_Phdr segment[2];
	Elf64_Dyn dynamic[DYNAMICS];
	Elf64_Sym symbol[SYMBOLS];
	char strings[64];
	uint32_t hash[2 + 1 + SYMBOLS];
	struct {
		uint32_t bucket_count, first, bloom_size, shift;
		uint64_t bloom[1];
		uint32_t bucket[1];
		uint32_t chain[SYMBOLS - 1];
	} gnu __attribute__((packed));
	uint16_t version[SYMBOLS];
	struct {
		Elf64_Verdef definition;
		Elf64_Verdaux name;
	} definition[3];
	char code[64];
};

/* Indices of the dynamic entries, so that a test can turn one off or aside. */
enum { STRTAB, STRSZ, SYMTAB, SYMENT, HASH, GNU, VERSYM, VERDEF, VERDEFNUM, ENTRIES };

#define STRINGS "\0one\0two\0V1\0V2\0object\0undefined\0absolute\0base"
enum { ONE = 1, TWO = 5, V1 = 9, V2 = 12, OBJECT = 15, UNDEFINED = 22, ABSOLUTE = 32, BASE = 41 };

static uint32_t gnu_hash_of(const char *name)
{
	uint32_t hash = 5381;

	while (*name)
		hash = hash * 33 + (unsigned char)*name++;
	return hash;
}

static void add_symbol(struct crafted *image, int i, uint32_t name, int type, uint16_t section,
                       uint64_t link_base)
{
	image->symbol[i] = (Elf64_Sym){
		.st_name = name,
		.st_info = ELF64_ST_INFO(STB_GLOBAL, type),
		.st_shndx = section,
		.st_value = link_base + offsetof(struct crafted, code) + (unsigned int)i * 8,
		.st_size = 8,
	};
	image->gnu.chain[i - 1] = gnu_hash_of(image->strings + name) & ~1u;
	image->hash[2 + 1 + i] = i + 1 < SYMBOLS ? (uint32_t)i + 1 : 0;
}

static void add_version(struct crafted *image, int i, uint32_t name, uint32_t hash)
{
	image->definition[i].definition = (Elf64_Verdef){
		.vd_version = VER_DEF_CURRENT,
		.vd_flags = i == 0 ? VER_FLG_BASE : 0,
		.vd_ndx = (uint16_t)(i + 1),
		.vd_cnt = 1,
		.vd_hash = hash,
		.vd_aux = sizeof(Elf64_Verdef),
		.vd_next = i < 2 ? sizeof(image->definition[0]) : 0,
	};
	image->definition[i].name.vda_name = name;
}

static void craft(struct crafted *image, uint64_t link_base)
{
	const Elf64_Dyn dynamic[ENTRIES] = {
		[STRTAB] = { DT_STRTAB, { link_base + offsetof(struct crafted, strings) } },
		[STRSZ] = { DT_STRSZ, { sizeof(STRINGS) } },
		[SYMTAB] = { DT_SYMTAB, { link_base + offsetof(struct crafted, symbol) } },
		[SYMENT] = { DT_SYMENT, { sizeof(Elf64_Sym) } },
		[HASH] = { DT_HASH, { link_base + offsetof(struct crafted, hash) } },
		[GNU] = { DT_GNU_HASH, { link_base + offsetof(struct crafted, gnu) } },
		[VERSYM] = { DT_VERSYM, { link_base + offsetof(struct crafted, version) } },
		[VERDEF] = { DT_VERDEF, { link_base + offsetof(struct crafted, definition) } },
		[VERDEFNUM] = { DT_VERDEFNUM, { 3 } },
	};

	memset(image, 0, sizeof(*image));
	memcpy(image->header.e_ident, ELFMAG, SELFMAG);
	image->header.e_ident[EI_CLASS] = ELFCLASS64;
	image->header.e_ident[EI_DATA] = ELFDATA2LSB;
	image->header.e_type = ET_DYN;
	image->header.e_phoff = offsetof(struct crafted, segment);
	image->header.e_phentsize = sizeof(Elf64_Phdr);
	image->header.e_phnum = 2;
	image->segment[0] = (Elf64_Phdr){ .p_type = PT_DYNAMIC,
		                          .p_offset = offsetof(struct crafted, dynamic),
		                          .p_vaddr = link_base + offsetof(struct crafted, dynamic),
		                          .p_filesz = sizeof(image->dynamic),
		                          .p_memsz = sizeof(image->dynamic) };
	image->segment[1] = (Elf64_Phdr){ .p_type = PT_LOAD,
		                          .p_vaddr = link_base,
		                          .p_filesz = sizeof(*image),
		                          .p_memsz = sizeof(*image) };
	memcpy(image->dynamic, dynamic, sizeof(dynamic));
	memcpy(image->strings, STRINGS, sizeof(STRINGS));
	image->hash[0] = 1;
	image->hash[1] = SYMBOLS;
	image->hash[2] = 1;
	image->gnu.bucket_count = image->gnu.first = image->gnu.bloom_size = 1;
	image->gnu.bucket[0] = 1;
	add_symbol(image, 1, ONE, STT_FUNC, 1, link_base);
	add_symbol(image, 2, TWO, STT_FUNC, 1, link_base);
	add_symbol(image, 3, OBJECT, STT_OBJECT, 1, link_base);
	add_symbol(image, 4, UNDEFINED, STT_FUNC, SHN_UNDEF, link_base);
	add_symbol(image, 5, ABSOLUTE, STT_FUNC, SHN_ABS, link_base);
	image->gnu.chain[SYMBOLS - 2] |= 1;
	memcpy(image->version, (uint16_t[]){ 0, 2, 3 | 0x8000, 2, 2, 2 }, sizeof(image->version));
	add_version(image, 0, BASE, 0x67945);
	add_version(image, 1, V1, 0x591);
	add_version(image, 2, V2, 0x592);
}

/* Remove a dynamic entry: a tag that means nothing stands in its place. */
static void drop(struct crafted *image, int entry)
{
	image->dynamic[entry].d_tag = DT_DEBUG;
}

/* NULL when the image cannot be opened, too. */
static void *find(const struct crafted *image, const char *name, const char *version)
{
	struct vdk_lookup_image opened;

	if (vdk_lookup_open(image, sizeof(*image), &opened) != 0)
		return NULL;
	return (void *)vdk_lookup_symbol(&opened, name, version);
}

static int open_result(const struct crafted *image, size_t size)
{
	struct vdk_lookup_image opened = { .size = 4711 };
	const int result = vdk_lookup_open(image, size, &opened);

	if (result < 0)
		assert_int_equal(opened.size, 4711);
	return result;
}

static void assert_sound(const struct crafted *image)
{
	assert_ptr_equal(find(image, "one", "V1"), image->code + 8);
	assert_ptr_equal(find(image, "one", NULL), image->code + 8);
	assert_ptr_equal(find(image, "two", "V2"), image->code + 16);
	assert_null(find(image, "one", "V2"));
	assert_null(find(image, "two", "V1"));
	assert_null(find(image, "one", "base"));
	assert_null(find(image, "object", NULL));
	assert_null(find(image, "undefined", NULL));
	assert_null(find(image, "absolute", NULL));
	assert_null(find(image, "on", NULL));
	assert_null(find(image, "three", "V1"));
}

static void test_each_hash_alone(void **state)
{
	struct crafted image;

	craft(&image, 0);
	assert_sound(&image);
	drop(&image, HASH);
	assert_sound(&image);
	craft(&image, 0);
	drop(&image, GNU);
	assert_sound(&image);
	drop(&image, HASH);
	assert_int_equal(open_result(&image, sizeof(image)), -ENOEXEC);
}

static void test_gnu_hash_is_preferred(void **state)
{
	struct crafted image;

	craft(&image, 0);
	memset(image.hash, 0, sizeof(image.hash));
	assert_sound(&image);
}

static void test_link_bases(void **state)
{
	struct crafted image;

	craft(&image, 0xffffffffff700000);
	assert_sound(&image);
	craft(&image, 0x400000);
	assert_sound(&image);
	/* Prelinked to where it lies. */
	craft(&image, (uintptr_t)&image);
	assert_sound(&image);
	/* Addresses that do not agree with p_vaddr: refused, not followed. */
	craft(&image, 0);
	image.segment[1].p_vaddr = 0x400000;
	assert_int_equal(open_result(&image, sizeof(image)), -ENOEXEC);
}

static void test_any_alignment(void **state)
{
	static unsigned char buffer[sizeof(struct crafted) + 8];
	struct vdk_lookup_image opened;
	struct crafted image;

	craft(&image, 0);
	for (size_t shift = 0; shift < 8; shift++) {
		memcpy(buffer + shift, &image, sizeof(image));
		assert_int_equal(vdk_lookup_open(buffer + shift, sizeof(image), &opened), 0);
		assert_ptr_equal((void *)vdk_lookup_symbol(&opened, "two", "V2"),
		                 buffer + shift + offsetof(struct crafted, code) + 16);
	}
}

static void test_without_versions(void **state)
{
	struct crafted image;

	craft(&image, 0);
	drop(&image, VERSYM);
	assert_ptr_equal(find(&image, "one", "anything"), image.code + 8);
	craft(&image, 0);
	drop(&image, VERDEF);
	assert_ptr_equal(find(&image, "one", "anything"), image.code + 8);
	craft(&image, 0);
	drop(&image, VERDEFNUM);
	assert_sound(&image);
	drop(&image, STRSZ);
	assert_sound(&image);
}

static void test_loops_end(void **state)
{
	struct crafted image;

	alarm(5);
	craft(&image, 0);
	drop(&image, GNU);
	image.hash[2 + 1 + 5] = 1;
	assert_null(find(&image, "three", NULL));
	image.hash[2 + 1 + 1] = 1;
	assert_null(find(&image, "three", NULL));

	/* No end mark: the walk ends with the image. */
	craft(&image, 0);
	memset(image.gnu.chain, 0, sizeof(image.gnu.chain));
	assert_null(find(&image, "three", NULL));

	/* Nor do definitions go back: the sum would have to wrap around. */
	craft(&image, 0);
	image.definition[1].definition.vd_next = -(uint32_t)sizeof(image.definition[0]);
	drop(&image, VERDEFNUM);
	assert_null(find(&image, "two", "V2"));
	alarm(0);
}

static void test_broken_headers(void **state)
{
	struct crafted image;

#define REFUSED(change)                                                                            \
	do {                                                                                       \
		craft(&image, 0);                                                                  \
		change;                                                                            \
		assert_int_equal(open_result(&image, sizeof(image)), -ENOEXEC);                    \
	} while (0)
	REFUSED(image.header.e_ident[EI_MAG1] = 'e');
	REFUSED(image.header.e_ident[EI_CLASS] = ELFCLASS32);
	REFUSED(image.header.e_ident[EI_DATA] = ELFDATA2MSB);
	REFUSED(image.header.e_type = ET_EXEC);
	REFUSED(image.header.e_phentsize = sizeof(Elf32_Phdr));
	REFUSED(image.header.e_phoff = sizeof(image));
	REFUSED(image.header.e_phoff = UINT64_MAX - 16);
	REFUSED(image.header.e_phnum = 0);
	REFUSED(image.header.e_phnum = 1);
	REFUSED(image.segment[0].p_type = PT_NULL);
	REFUSED(image.segment[0].p_vaddr = sizeof(image));
	REFUSED(image.segment[0].p_vaddr = UINT64_MAX);
	REFUSED(image.segment[0].p_vaddr = sizeof(image) - 8);
	REFUSED(image.segment[1].p_type = PT_NULL);
	REFUSED(image.segment[1].p_offset = 4096);
	REFUSED(image.segment[1].p_filesz = sizeof(image) + 1);
	REFUSED(image.segment[1].p_filesz = UINT64_MAX);
	REFUSED(image.segment[1].p_memsz = sizeof(image) - 1);
	REFUSED(image.dynamic[STRTAB].d_un.d_ptr = sizeof(image));
	REFUSED(image.dynamic[SYMTAB].d_un.d_ptr = UINT64_MAX);
	REFUSED(image.dynamic[GNU].d_un.d_ptr = sizeof(image));
	REFUSED(image.dynamic[SYMENT].d_un.d_val = sizeof(Elf32_Sym));
	REFUSED(drop(&image, STRTAB));
	REFUSED(drop(&image, SYMTAB));
#undef REFUSED
	craft(&image, 0);
	for (size_t size = 0; size < sizeof(image); size++)
		assert_int_equal(open_result(&image, size), -ENOEXEC);
	assert_int_equal(open_result(NULL, sizeof(image)), -EINVAL);
}

static void test_broken_tables(void **state)
{
	struct crafted image;

#define NOT_FOUND(change)                                                                          \
	do {                                                                                       \
		craft(&image, 0);                                                                  \
		change;                                                                            \
		assert_null(find(&image, "two", "V2"));                                            \
	} while (0)
	NOT_FOUND(image.gnu.bucket_count = 0);
	NOT_FOUND(image.gnu.bucket_count = UINT32_MAX);
	NOT_FOUND(image.gnu.bloom_size = UINT32_MAX);
	NOT_FOUND(image.gnu.first = 2);
	NOT_FOUND(image.gnu.bucket[0] = UINT32_MAX);
	NOT_FOUND(image.gnu.bucket[0] = 0);
	NOT_FOUND((drop(&image, GNU), image.hash[0] = 0));
	NOT_FOUND((drop(&image, GNU), image.hash[0] = UINT32_MAX));
	NOT_FOUND((drop(&image, GNU), image.hash[0] = (uint32_t)sizeof(image)));
	NOT_FOUND((drop(&image, GNU), image.hash[1] = UINT32_MAX));
	NOT_FOUND((drop(&image, GNU), image.hash[1] = 1));
	NOT_FOUND((drop(&image, GNU), image.hash[2] = UINT32_MAX));
	NOT_FOUND((drop(&image, GNU), image.hash[2 + 1 + 1] = 1000000));
	NOT_FOUND(image.symbol[2].st_name = UINT32_MAX);
	NOT_FOUND(image.symbol[2].st_name = sizeof(STRINGS) - 1);
	NOT_FOUND(image.dynamic[STRSZ].d_un.d_val = TWO + 3);
	NOT_FOUND(image.symbol[2].st_value = sizeof(image));
	NOT_FOUND(image.symbol[2].st_value = UINT64_MAX - 1);
	NOT_FOUND(image.symbol[2].st_size = sizeof(image));
	NOT_FOUND(image.symbol[2].st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC));
	NOT_FOUND(image.version[2] = 0);
	NOT_FOUND(image.dynamic[VERSYM].d_un.d_ptr = sizeof(image) - 1);
	NOT_FOUND(image.dynamic[VERDEFNUM].d_un.d_val = 2);
	NOT_FOUND(image.dynamic[VERDEF].d_un.d_ptr = sizeof(image) - 1);
	NOT_FOUND(image.definition[2].definition.vd_hash ^= 1);
	NOT_FOUND(image.definition[2].definition.vd_aux = UINT32_MAX);
	NOT_FOUND(image.definition[2].name.vda_name = UINT32_MAX);
	NOT_FOUND(image.definition[2].name.vda_name = V1);
	NOT_FOUND(image.definition[1].definition.vd_next = 0);
#undef NOT_FOUND
}

/* Where only the headers tell the size, they are read from the first page, and may not exaggerate. */
static void test_auxv_limits(void **state)
{
	static union {
		struct crafted image;
		unsigned char bytes[3 * 4096];
	} memory __attribute__((aligned(4096)));
	const unsigned long auxv[] = { AT_SYSINFO_EHDR, (unsigned long)&memory, AT_NULL, 0 };
	struct vdk_lookup_image opened;

	craft(&memory.image, 0);
	assert_int_equal(vdk_lookup_open_auxv(auxv, SIZE_MAX, &opened), 0);
	assert_ptr_equal((void *)vdk_lookup_symbol(&opened, "one", "V1"), memory.image.code + 8);

	memory.image.segment[1].p_filesz = memory.image.segment[1].p_memsz = VDK_LOOKUP_SIZE_MAX + 1;
	assert_int_equal(vdk_lookup_open_auxv(auxv, SIZE_MAX, &opened), -ENOEXEC);

	craft(&memory.image, 0);
	memory.image.header.e_phoff = 8192;
	memcpy(memory.bytes + 8192, memory.image.segment, sizeof(memory.image.segment));
	assert_int_equal(vdk_lookup_open_auxv(auxv, SIZE_MAX, &opened), -ENOEXEC);
	/* The same is fine for somebody who knows how much there is. */
	assert_int_equal(vdk_lookup_open(&memory, sizeof(memory), &opened), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_hash_alone),
		cmocka_unit_test(test_gnu_hash_is_preferred),
		cmocka_unit_test(test_link_bases),
		cmocka_unit_test(test_any_alignment),
		cmocka_unit_test(test_without_versions),
		cmocka_unit_test(test_loops_end),
		cmocka_unit_test(test_broken_headers),
		cmocka_unit_test(test_broken_tables),
		cmocka_unit_test(test_auxv_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
