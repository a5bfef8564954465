/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The note of a real image, and the same image broken in every way that its reader must survive. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vdk/note.h>

static uint8_t *image; /* the file's bytes; tests put back what they change */
static size_t size;
static int image_fd;
static struct vdk_report report;

static int setup(void **state)
{
	const char *path = getenv("VDK_TEST_IMAGE");
	struct stat stat;

	image_fd = open(path ? path : "", O_RDONLY);
	if (image_fd < 0 || fstat(image_fd, &stat) < 0)
		return -1;
	size = (size_t)stat.st_size;
	image = malloc(size);
	return image && pread(image_fd, image, size, 0) == (ssize_t)size ? 0 : -1;
}

static int teardown(void **state)
{
	free(image);
	close(image_fd);
	return 0;
}

static Elf64_Ehdr *header(void)
{
	return (Elf64_Ehdr *)image;
}

static Elf64_Phdr *segment(uint32_t type)
{
	Elf64_Phdr *phdrs = (Elf64_Phdr *)(image + header()->e_phoff);

	for (unsigned i = 0; i < header()->e_phnum; i++)
		if (phdrs[i].p_type == type)
			return &phdrs[i];
	fail();
	abort(); /* never reached, as an analyzer cannot know */
}

static struct vdk_image_note *note(void)
{
	const Elf64_Phdr *notes = segment(PT_NOTE);

	for (uint64_t at = notes->p_offset; at < notes->p_offset + notes->p_filesz;) {
		const Elf64_Nhdr *entry = (Elf64_Nhdr *)(image + at);
		const uint64_t desc = at + sizeof(*entry) + (entry->n_namesz + 3) / 4 * 4;

		if (entry->n_namesz == 4 && memcmp(entry + 1, "vdk", 4) == 0)
			return (struct vdk_image_note *)(image + desc);
		at = desc + (entry->n_descsz + 3) / 4 * 4;
	}
	fail();
	abort(); /* never reached, as an analyzer cannot know */
}

static void good(void **state)
{
	struct vdk_note by_fd, by_memory;

	assert_int_equal(vdk_note_read(image_fd, "notb", &by_fd, &report), 0);
	assert_int_equal(vdk_note_read_memory(image, size, "notb", &by_memory, &report), 0);
	assert_string_equal((char *)by_fd.image.name, "notb");
	assert_int_equal(by_fd.image_size % 4096, 0);
	assert_int_equal(by_fd.image.page_size, 4096);
	assert_true(by_fd.finish > 0 && by_fd.finish < by_fd.image_size);
	for (int i = 0; i < VDK_CHAIN_COUNT; i++)
		assert_true(by_fd.fallback[i] > 0 && by_fd.fallback[i] < by_fd.image_size);
	assert_memory_equal(&by_fd.image, &by_memory.image, sizeof(by_fd.image));
	assert_memory_equal(by_fd.table, by_memory.table, by_fd.image.table_size);
	vdk_note_clear(&by_fd);
	vdk_note_clear(&by_memory);
	assert_null(by_fd.table);
	vdk_note_clear(&by_fd);
	vdk_note_clear(NULL);
}

static void refused(int error, const char *words)
{
	struct vdk_note out;

	memset(&out, 0x5a, sizeof(out));
	assert_int_equal(vdk_note_read_memory(image, size, "broken", &out, &report), error);
	assert_non_null(strstr(report.text, words));
	assert_string_equal(report.object, "broken");
	for (size_t i = 0; i < sizeof(out); i++)
		assert_int_equal(((uint8_t *)&out)[i], 0x5a);
}

#define BREAK(lvalue, value, error, words)                                                         \
	do {                                                                                       \
		__typeof__(lvalue) *const at_ = &(lvalue), before_ = *at_;                         \
		*at_ = (value);                                                                    \
		refused(error, words);                                                             \
		*at_ = before_;                                                                    \
	} while (0)

static void broken_elf(void **state)
{
	BREAK(header()->e_ident[0], 0, -ENOEXEC, "7f 45 4c 46");
	BREAK(header()->e_ident[EI_CLASS], ELFCLASS32, -ENOEXEC, "class 1");
	BREAK(header()->e_machine, EM_AARCH64, -ENOEXEC, "machine 183");
	BREAK(header()->e_type, ET_EXEC, -ENOEXEC, "type 2");
	BREAK(header()->e_phnum, 0, -ENOEXEC, "program headers");
	BREAK(header()->e_phnum, 65, -ENOEXEC, "program headers");
	BREAK(header()->e_phentsize, 32, -ENOEXEC, "program headers");
	BREAK(header()->e_phoff, size - 8, -ENOEXEC, "outside the file");
	BREAK(header()->e_phoff, UINT64_MAX - 8, -ENOEXEC, "outside the file");
}

static void broken_segments(void **state)
{
	BREAK(segment(PT_LOAD)->p_type, PT_NULL, -ENOEXEC, "found none");
	BREAK(segment(PT_LOAD)->p_offset, 4096, -ENOEXEC, "PT_LOAD");
	BREAK(segment(PT_LOAD)->p_vaddr, 4096, -ENOEXEC, "PT_LOAD");
	BREAK(segment(PT_LOAD)->p_memsz, size + 1, -ENOEXEC, "PT_LOAD");
	BREAK(segment(PT_LOAD)->p_filesz, 0, -ENOEXEC, "PT_LOAD");
	BREAK(segment(PT_DYNAMIC)->p_type, PT_LOAD, -ENOEXEC, "second");
	BREAK(segment(PT_NOTE)->p_type, PT_NULL, -ENODATA, "without its note");
	BREAK(segment(PT_NOTE)->p_offset, UINT64_MAX, -EBADMSG, "PT_NOTE");
	BREAK(segment(PT_NOTE)->p_filesz, UINT64_MAX, -EBADMSG, "PT_NOTE");
	BREAK(segment(PT_NOTE)->p_filesz, 30, -EBADMSG, "too many");
	BREAK(segment(PT_NOTE)->p_filesz, 0, -ENODATA, "without its note");
}

static void broken_note(void **state)
{
	BREAK(note()->version, 0, -EOPNOTSUPP, "version");
	BREAK(note()->version, 3, -EOPNOTSUPP, "version");
	BREAK(note()->note_size, 8, -EBADMSG, "expected a size");
	BREAK(note()->note_size, UINT32_MAX, -EBADMSG, "expected a size");
	BREAK(note()->layout_id, 1, -EBADMSG, "layout id");
	BREAK(note()->page_size, 100, -EBADMSG, "page size");
	BREAK(note()->page_size, 0, -EBADMSG, "page size");
	BREAK(note()->page_size, VDK_PAGE_SIZE_MAX + 4096, -EBADMSG, "page size");
	BREAK(note()->process_size, 8192, -EBADMSG, "process page");
	BREAK(note()->table_offset, 0, -EBADMSG, "no table");
	BREAK(note()->table_offset, 8, -EBADMSG, "the table within");
	BREAK(note()->table_offset, UINT32_MAX, -EBADMSG, "the table within");
	BREAK(note()->table_size, UINT32_MAX, -EBADMSG, "the table within");
	BREAK(note()->table_size, 4, -EBADMSG, "the table within");
	BREAK(note()->finish, INT32_MAX, -EBADMSG, "finish");
	BREAK(note()->finish, INT32_MIN, -EBADMSG, "finish");
	BREAK(note()->fallback[2], INT32_MIN, -EBADMSG, "fallback[2]");
}

/* No stub is no error here: `vdk run` and `vdk check` are who ask for all of them. */
static void stubs_that_are_missing(void **state)
{
	const int32_t finish = note()->finish, fallback = note()->fallback[3];
	struct vdk_note out;

	note()->finish = note()->fallback[3] = 0;
	assert_int_equal(vdk_note_read_memory(image, size, "bare", &out, &report), 0);
	assert_int_equal(out.finish, 0);
	assert_int_equal(out.fallback[3], 0);
	assert_true(out.fallback[2] > 0);
	vdk_note_clear(&out);
	note()->finish = finish;
	note()->fallback[3] = fallback;
}

/* Somebody else's note, at whose end the padding is missing: the segment ends there, that is all. */
static void a_last_note_without_padding(void **state)
{
	const Elf64_Phdr before = *segment(PT_NOTE);
	Elf64_Nhdr *entry = (Elf64_Nhdr *)(image + before.p_offset), old = *entry;

	*entry = (Elf64_Nhdr){old.n_namesz, 5, old.n_type + 1};
	segment(PT_NOTE)->p_filesz = sizeof(*entry) + (old.n_namesz + 3) / 4 * 4 + 5;
	refused(-ENODATA, "without its note");
	*segment(PT_NOTE) = before;
	*entry = old;
}

static void name_without_end(void **state)
{
	uint8_t before[sizeof(note()->name)];

	memcpy(before, note()->name, sizeof(before));
	memset(note()->name, 'x', sizeof(before));
	refused(-EBADMSG, "no end");
	memcpy(note()->name, before, sizeof(before));
}

static void every_length(void **state)
{
	struct vdk_note out;

	for (size_t length = 0; length < size; length++)
		assert_true(vdk_note_read_memory(image, length, "short", &out, NULL) < 0);
}

/* Whatever one byte of headers and notes says, the reader ends and stays inside. */
static void every_byte(void **state)
{
	const Elf64_Phdr notes = *segment(PT_NOTE);

	for (uint64_t i = 0; i < notes.p_offset + notes.p_filesz; i++)
		for (int flip = 1; flip < 256; flip += 2) {
			struct vdk_note out;

			image[i] ^= (uint8_t)flip;
			if (vdk_note_read_memory(image, size, "flipped", &out, NULL) == 0)
				vdk_note_clear(&out);
			image[i] ^= (uint8_t)flip;
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good), cmocka_unit_test(broken_elf),
		cmocka_unit_test(broken_segments), cmocka_unit_test(broken_note),
		cmocka_unit_test(stubs_that_are_missing),
		cmocka_unit_test(a_last_note_without_padding),
		cmocka_unit_test(name_without_end), cmocka_unit_test(every_length),
		cmocka_unit_test(every_byte),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
