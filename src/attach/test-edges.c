/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What attach refuses before anything is started, what it says, and where it stops to look. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attach/elf-file.h"
#include "attach/inject.h"
#include "attach/program.h"
#include "attach/stack.h"
#include "attach/tell.h"

static void long_names_are_no_programs(void **state)
{
	char path[PATH_MAX], name[PATH_MAX + 1];
	struct vdk_report report = {0};

	memset(name, 'n', sizeof(name));
	name[PATH_MAX] = '\0';
	assert_int_equal(vdk_program_find(name, path, &report), -ENAMETOOLONG);
	assert_string_equal(report.text, "cannot run: name too long");
	name[PATH_MAX - 1] = '\0';
	assert_int_equal(vdk_program_find(name, path, &report), -ENOENT);
}

static void without_a_path_there_is_bin(void **state)
{
	const char *now = getenv("PATH");
	char *before = now ? strdup(now) : NULL, path[PATH_MAX];

	unsetenv("PATH");
	assert_int_equal(vdk_program_find("sh", path, NULL), 0);
	assert_string_equal(path, "/bin/sh");
	if (before)
		setenv("PATH", before, 1);
	free(before);
}

static void images_out_of_range_are_refused(void **state)
{
	const int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	const int unreadable = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct vdk_attach fine = {.image_fd = fd, .image_size = 4096, .page_fd = -1, .finish = 16};
	struct vdk_attach attach;
	struct vdk_report report = {0};
	struct vdk_inject inject;

	for (int i = 0; i < VDK_CHAIN_COUNT; i++)
		fine.fallback[i] = 16;
	attach = fine;
	assert_int_equal(vdk_inject_prepare(&attach, &inject, &report), 0);
	assert_true(inject.start.flags & VDK_START_NO_IMAGE_PATH);
	attach.image_size = 0;
	assert_int_equal(vdk_inject_prepare(&attach, &inject, &report), -EINVAL);
	attach.image_size = (UINT64_C(1) << 30) + 1;
	assert_int_equal(vdk_inject_prepare(&attach, &inject, &report), -EINVAL);
	attach = fine;
	attach.page_size = 100;
	assert_int_equal(vdk_inject_prepare(&attach, &inject, &report), -EINVAL);
	attach = fine;
	attach.finish = 4096;
	assert_int_equal(vdk_inject_prepare(&attach, &inject, &report), -EINVAL);
	assert_non_null(strstr(report.text, "routine at offset 4096 cannot be mapped"));
	attach = fine;
	attach.fallback[0] = 0;
	assert_int_equal(vdk_inject_prepare(&attach, &inject, &report), -EOPNOTSUPP);
	attach = fine;
	attach.page_size = 4096; /* and no descriptor */
	assert_int_equal(vdk_inject_prepare(&attach, &inject, &report), -EBADF);
	attach = fine;
	attach.image_fd = unreadable;
	assert_int_equal(vdk_inject_prepare(&attach, &inject, &report), -EBADF);
	assert_non_null(strstr(report.text, "cannot read"));
	close(unreadable);
	close(fd);
}

static void every_verdict_has_words(void **state)
{
	for (int verdict = VDK_VERDICT_ATTACHED; verdict <= VDK_VERDICT_FAILED; verdict++)
		for (int other = VDK_VERDICT_ATTACHED; other < verdict; other++)
			assert_string_not_equal(vdk_verdict_text((enum vdk_verdict)verdict),
			                        vdk_verdict_text((enum vdk_verdict)other));
}

/* A child that waits, with that as its standard error; -1: it has none. Returns when it has. */
static pid_t child_with_errors_to(int fd)
{
	pid_t child;
	int ready[2];
	char byte;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		if (fd < 0)
			close(STDERR_FILENO);
		else
			dup2(fd, STDERR_FILENO);
		close(ready[0]);
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0);
	close(ready[0]);
	return child;
}

static void end_child(pid_t child)
{
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void what_is_told_is_cut_to_a_line(void **state)
{
	char text[1000], line[2000];
	int ends[2];
	ssize_t length;
	pid_t child;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(pipe(ends), 0);
	child = child_with_errors_to(ends[1]);
	vdk_tell(child, text);
	end_child(child);
	close(ends[1]);
	length = read(ends[0], line, sizeof(line));
	assert_in_range(length, 100, 511);
	assert_memory_equal(line, "vdk run: test-attach-edg", 24);
	close(ends[0]);
}

static void who_is_gone_is_not_told_of(void **state)
{
	const int no_listener = open("/dev/null", O_RDWR | O_CLOEXEC);
	const pid_t child = child_with_errors_to(-1);

	assert_true(vdk_tell_of(-1, 0, child, "nobody can read this"));
	/* Who does not wait any more: its number may be another's. */
	assert_false(vdk_tell_of(no_listener, 1, child, "nor is this of it"));
	end_child(child);
	close(no_listener);
}

/* The stack ends in the middle of an entry, at the end of what is mapped. */
static void half_an_entry_is_an_error(void **state)
{
	uint64_t *words = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	struct vdk_stack stack;

	assert_true(words != MAP_FAILED);
	assert_int_equal(munmap(words + 512, 4096), 0);
	words[508] = 1; /* argc; no argument, no environment */
	words[511] = AT_SYSINFO_EHDR;
	assert_true(vdk_stack_read(memory, (uint64_t)(uintptr_t)(words + 508), &stack) < 0);
	/* Not even a word is left of the page. */
	assert_true(vdk_stack_read(memory, (uint64_t)(uintptr_t)words + 4092, &stack) < 0);
	munmap(words, 4096);
	close(memory);
}

/* An ELF file of one page, to be made wrong. */
struct file {
	Elf64_Ehdr header;
	Elf64_Phdr segments[2];
	Elf64_Dyn dynamic[4];
	Elf64_Shdr sections[2];
	Elf64_Sym symbol;
	char strings[64];
};

static int file_of(const struct file *content)
{
	const int fd = memfd_create("edges", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, sizeof(*content)), sizeof(*content));
	return fd;
}

static struct file good_file(void)
{
	struct file file = {
	        .header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1},
	                   .e_phoff = offsetof(struct file, segments),
	                   .e_phentsize = sizeof(Elf64_Phdr),
	                   .e_phnum = 2,
	                   .e_shoff = offsetof(struct file, sections),
	                   .e_shentsize = sizeof(Elf64_Shdr),
	                   .e_shnum = 2},
	        .segments = {{.p_type = PT_LOAD,
	                      .p_vaddr = 0x1000,
	                      .p_filesz = sizeof(struct file)},
	                     {.p_type = PT_DYNAMIC, .p_offset = offsetof(struct file, dynamic)}},
	        .dynamic = {{.d_tag = DT_NEEDED, .d_un.d_val = 1},
	                    {.d_tag = DT_STRTAB,
	                     .d_un.d_ptr = 0x1000 + offsetof(struct file, strings)}},
	        .sections = {{.sh_type = SHT_SYMTAB,
	                      .sh_link = 1,
	                      .sh_offset = offsetof(struct file, symbol),
	                      .sh_size = sizeof(Elf64_Sym)},
	                     {.sh_type = SHT_STRTAB,
	                      .sh_offset = offsetof(struct file, strings),
	                      .sh_size = 64}},
	        .symbol = {.st_name = 8,
	                   .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
	                   .st_shndx = 1,
	                   .st_value = 0x1000,
	                   .st_size = 16},
	        .strings = "\0lib.so\0function",
	};

	return file;
}

/* Is the needed library, or the function at 0x1008, found in it? */
static bool finds(const struct file *content, bool function)
{
	const int fd = file_of(content);
	struct elf_strings strings;
	struct elf_file file;
	char name[32] = "";
	uint64_t offset = 0;
	bool found = false;

	assert_true(elf_file_open(fd, &file));
	if (function) {
		found = elf_file_function(&file, 0x1008, name, sizeof(name), &offset);
		assert_true(!found || (!strcmp(name, "function") && offset == 8));
	} else {
		elf_file_strings(&file, DT_NEEDED, &strings);
		found = strings.size == 7 && !strcmp(strings.text, "lib.so");
	}
	close(fd);
	return found;
}

static void wrong_files_have_no_names(void **state)
{
	struct file file = good_file();
	const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct elf_file opened;
	uint64_t address;
	int fd;

	assert_true(finds(&file, true));
	assert_true(finds(&file, false));
	fd = file_of(&file);
	assert_true(elf_file_open(fd, &opened));
	assert_true(elf_file_address(&opened, 8, &address));
	assert_int_equal(address, 0x1008);
	assert_false(elf_file_address(&opened, sizeof(file), &address));
	close(fd);
	assert_false(elf_file_open(null, &opened));
	close(null);

	file.dynamic[1].d_un.d_ptr = 8; /* in no segment */
	assert_false(finds(&file, false));
	file = good_file();
	file.dynamic[0].d_un.d_val = 1 << 20;
	assert_false(finds(&file, false));
	file = good_file();
	file.segments[1].p_offset = sizeof(file);
	assert_false(finds(&file, false));

	file = good_file();
	file.symbol.st_name = 63; /* the file's last byte */
	file.strings[63] = 'x';
	assert_false(finds(&file, true));
	file = good_file();
	file.sections[0].sh_size = UINT64_MAX;
	assert_false(finds(&file, true));
	file = good_file();
	file.sections[0].sh_offset = sizeof(file) - 8;
	assert_false(finds(&file, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(long_names_are_no_programs),
	        cmocka_unit_test(without_a_path_there_is_bin),
	        cmocka_unit_test(images_out_of_range_are_refused),
	        cmocka_unit_test(every_verdict_has_words),
	        cmocka_unit_test(what_is_told_is_cut_to_a_line),
	        cmocka_unit_test(who_is_gone_is_not_told_of),
	        cmocka_unit_test(half_an_entry_is_an_error),
	        cmocka_unit_test(wrong_files_have_no_names),
	};

	return cmocka_run_group_tests_name("edges", tests, NULL, NULL);
}
