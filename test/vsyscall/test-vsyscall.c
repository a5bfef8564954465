/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts that answer calls of the vsyscall page, on any kernel: a stopped child's memory. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "arch-vsyscall.h"
#include "attach/elf-file.h"
#include "attach/vsyscall-answer.h"
#include "attach/vsyscall.h"


#define PAGE ((size_t)4096)

/* Three pages that the child has at the same place: to be written, not to be, not there. */
struct child {
	pid_t pid;
	uint8_t *pages;
	struct vdk_vsyscall_clock clock;
	struct vdk_registers registers;
};

static int fake_gettimeofday(struct timeval *tv, struct timezone *tz)
{
	if (tv)
		*tv = (struct timeval){.tv_sec = 1111, .tv_usec = 2222};
	if (tz)
		*tz = (struct timezone){.tz_minuteswest = 33, .tz_dsttime = 44};
	return 0;
}

static long fake_time(long *t)
{
	(void)t;
	return 5555;
}

static int set_up(void **state)
{
	struct child *child = calloc(1, sizeof(*child));
	int status;

	assert_non_null(child);
	child->pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
	                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(child->pages, 0xaa, 3 * PAGE);
	*(uint64_t *)child->pages = 0x123456; /* the return address */
	mprotect(child->pages + PAGE, PAGE, PROT_READ);
	munmap(child->pages + 2 * PAGE, PAGE);
	child->clock = (struct vdk_vsyscall_clock){fake_gettimeofday, fake_time};
	child->registers.user.rsp = (uint64_t)(uintptr_t)child->pages;
	child->pid = fork();
	if (!child->pid) {
		for (;;)
			pause();
	}
	if (ptrace(PTRACE_SEIZE, child->pid, 0, 0) || ptrace(PTRACE_INTERRUPT, child->pid, 0, 0))
		return 1;
	waitpid(child->pid, &status, __WALL);
	*state = child;
	return 0;
}

static int tear_down(void **state)
{
	struct child *child = *state;

	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, __WALL);
	munmap(child->pages, 2 * PAGE);
	free(child);
	return 0;
}

static enum vdk_vsyscall_outcome ask(struct child *child, uint64_t entry, uint64_t first,
                                     uint64_t second, struct vdk_vsyscall_answer *ret)
{
	child->registers.user.rdi = first;
	child->registers.user.rsi = second;
	return vdk_vsyscall_answer(&child->clock, child->pid, VSYSCALL_PAGE + entry,
	                           &child->registers, ret);
}

static uint64_t child_word(struct child *child, size_t offset)
{
	uint64_t word = 0;

	assert_int_equal(vdk_vsyscall_peek(child->pid,
	                                   (uint64_t)(uintptr_t)child->pages + offset, &word, 8),
	                 8);
	return word;
}

static void test_answers(void **state)
{
	struct child *child = *state;
	const uint64_t at = (uint64_t)(uintptr_t)child->pages;
	struct vdk_vsyscall_answer answer;

	assert_int_equal(ask(child, 0, at + 64, at + 128, &answer), VDK_VSYSCALL_ANSWERED);
	assert_int_equal(answer.result, 0);
	assert_int_equal(answer.caller, 0x123456);
	assert_int_equal(child_word(child, 64), 1111);
	assert_int_equal(child_word(child, 72), 2222);
	assert_int_equal(child_word(child, 128), (uint64_t)44 << 32 | 33);
	assert_int_equal(child_word(child, 136), 0xaaaaaaaaaaaaaaaa);
	assert_int_equal(ask(child, 0x400, at + 64, 0, &answer), VDK_VSYSCALL_ANSWERED);
	assert_int_equal(answer.result, 5555);
	assert_int_equal(child_word(child, 64), 5555);
	assert_int_equal(ask(child, 0x800, at + 68, 0, &answer), VDK_VSYSCALL_ANSWERED);
	assert_int_equal(answer.result, 0);
	assert_true(child_word(child, 64) >> 32 < 4096);
	assert_int_equal(ask(child, 0, 0, 0, &answer), VDK_VSYSCALL_ANSWERED);
	assert_int_equal(ask(child, 0x400, 0, 0, &answer), VDK_VSYSCALL_ANSWERED);
	assert_int_equal(ask(child, 0x800, 0, 0, &answer), VDK_VSYSCALL_ANSWERED);
}

static void test_pointers(void **state)
{
	struct child *child = *state;
	const uint64_t at = (uint64_t)(uintptr_t)child->pages, kernel = 0xffff888000000000;
	struct vdk_vsyscall_answer answer;

	/* Not a program's: named, and before anything is done. */
	assert_int_equal(ask(child, 0, kernel, kernel + 64, &answer), VDK_VSYSCALL_BAD_ADDRESS);
	assert_int_equal(answer.address, kernel);
	assert_int_equal(ask(child, 0, at + 64, kernel + 64, &answer), VDK_VSYSCALL_BAD_ADDRESS);
	assert_int_equal(answer.address, kernel + 64);
	assert_int_equal(child_word(child, 64), 0xaaaaaaaaaaaaaaaa);
	assert_int_equal(ask(child, 0x400, UINT64_MAX, 0, &answer), VDK_VSYSCALL_BAD_ADDRESS);
	/* time has no second pointer. */
	assert_int_equal(ask(child, 0x400, 0, kernel, &answer), VDK_VSYSCALL_ANSWERED);
	/* A program's, and not to be written. */
	assert_int_equal(ask(child, 0x400, at + PAGE, 0, &answer), VDK_VSYSCALL_FAULTED);
	assert_true(answer.late);
	assert_int_equal(child_word(child, PAGE), 0xaaaaaaaaaaaaaaaa);
	assert_int_equal(ask(child, 0x400, 1, 0, &answer), VDK_VSYSCALL_FAULTED);
	/* A word is written whole or not at all; two words one after the other. */
	assert_int_equal(ask(child, 0x400, at + PAGE - 4, 0, &answer), VDK_VSYSCALL_FAULTED);
	assert_int_equal(child_word(child, PAGE - 8), 0xaaaaaaaaaaaaaaaa);
	assert_int_equal(ask(child, 0, at + PAGE - 8, 0, &answer), VDK_VSYSCALL_FAULTED);
	assert_int_equal(child_word(child, PAGE - 8), 1111);
	/* getcpu writes the one though it cannot write the other. */
	assert_int_equal(ask(child, 0x800, 1, at + 64, &answer), VDK_VSYSCALL_FAULTED);
	assert_int_not_equal(child_word(child, 64), 0xaaaaaaaaaaaaaaaa);
}

static void test_stacks(void **state)
{
	struct child *child = *state;
	const uint64_t at = (uint64_t)(uintptr_t)child->pages;
	struct vdk_vsyscall_answer answer;

	child->registers.user.rsp = 0x1000;
	assert_int_equal(ask(child, 0x400, 0, 0, &answer), VDK_VSYSCALL_FAULTED);
	assert_false(answer.late);
	assert_int_equal(vdk_vsyscall_caller(child->pid, &child->registers), 0);
	child->registers.user.rsp = at + 2 * PAGE - 4;
	assert_int_equal(ask(child, 0x400, 0, 0, &answer), VDK_VSYSCALL_FAULTED);
	child->registers.user.rsp = at + 1;
	assert_int_equal(ask(child, 0x400, 0, 0, &answer), VDK_VSYSCALL_ANSWERED);
	assert_int_equal(answer.caller, 0xaa00000000001234);
	assert_int_equal(ask(child, 0x401, 0, 0, &answer), VDK_VSYSCALL_FAULTED);
	assert_int_equal(ask(child, 0xc00, 0, 0, &answer), VDK_VSYSCALL_FAULTED);
}

static void test_entries(void **state)
{
	(void)state;
	assert_int_equal(vsyscall_number(VSYSCALL_PAGE), VSYSCALL_GETTIMEOFDAY);
	assert_int_equal(vsyscall_number(VSYSCALL_PAGE + 0x400), VSYSCALL_TIME);
	assert_int_equal(vsyscall_number(VSYSCALL_PAGE + 0x800), VSYSCALL_GETCPU);
	assert_int_equal(vsyscall_number(VSYSCALL_PAGE + 0xc00), VSYSCALL_MISALIGNED);
	assert_int_equal(vsyscall_number(VSYSCALL_PAGE + 8), VSYSCALL_MISALIGNED);
	assert_int_equal(vsyscall_number(VSYSCALL_PAGE - 0x400), VSYSCALL_MISALIGNED);
	assert_true(vsyscall_is_page(VSYSCALL_PAGE + 0xfff));
	assert_false(vsyscall_is_page(VSYSCALL_PAGE - 1));
	assert_false(vsyscall_is_page(VSYSCALL_FAULTS));
}

static void test_call_instructions(void **state)
{
	(void)state;
	assert_int_equal(vsyscall_call_length((const uint8_t *)"\x90\x90\xff\xd0", 4), 2);
	assert_int_equal(vsyscall_call_length((const uint8_t *)"\x90\x41\xff\xd3", 4), 3);
	assert_int_equal(vsyscall_call_length((const uint8_t *)"\xff\x14\x25\0\x04\x60\xff", 7), 7);
	assert_int_equal(vsyscall_call_length((const uint8_t *)"\xff\x15\0\0\0\0", 6), 6);
	assert_int_equal(vsyscall_call_length((const uint8_t *)"\x90\xff\x53\x08", 4), 3);
	assert_int_equal(vsyscall_call_length((const uint8_t *)"\x90\x90\x90\x90", 4), 0);
	assert_int_equal(vsyscall_call_length((const uint8_t *)"\xd0", 1), 0);
}

/* A function of ours, by our own file's symbols. The linker says where that begins in memory. */
extern const char __ehdr_start[];

static void test_elf_function(void **state)
{
	const int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	uint64_t address = 0, within = 99;
	struct elf_file file;
	char name[64] = "";

	(void)state;
	assert_true(elf_file_open(fd, &file));
	assert_true(elf_file_address(&file, 0, &address));
	/* The file may be position-independent: where it is linked, by how far it is from the start. */
	address += (uintptr_t)test_call_instructions - (uintptr_t)__ehdr_start;
	assert_true(elf_file_function(&file, address + 1, name, sizeof(name), &within));
	assert_string_equal(name, "test_call_instructions");
	assert_int_equal(within, 1);
	assert_false(elf_file_function(&file, 3, name, sizeof(name), &within));
	close(fd);
}

/* Files cut at every place, and with every byte of the headers changed: no crash, no hang. */
static void test_hostile_files(void **state)
{
	static uint8_t bytes[16384];
	const int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	const int fd = memfd_create("hostile", MFD_CLOEXEC);
	const ssize_t size = read(from, bytes, sizeof(bytes));
	struct elf_strings strings;
	struct elf_file file;
	uint64_t offset;
	char name[64];

	(void)state;
	close(from);
	assert_true(size == sizeof(bytes));
	assert_true(write(fd, bytes, (size_t)size) == size);
	for (off_t at = 0; at < 1024; at++) {
		const uint8_t wrong = (uint8_t)(bytes[at] ^ 0xff);

		assert_true(pwrite(fd, &wrong, 1, at) == 1);
		if (elf_file_open(fd, &file)) {
			elf_file_strings(&file, DT_NEEDED, &strings);
			elf_file_interpreter(&file, name, sizeof(name));
			elf_file_function(&file, 0x401000, name, sizeof(name), &offset);
		}
		assert_true(pwrite(fd, bytes + at, 1, at) == 1);
	}
	for (off_t at = size; at >= 0; at -= 61) {
		assert_int_equal(ftruncate(fd, at), 0);
		if (elf_file_open(fd, &file)) {
			elf_file_strings(&file, DT_NEEDED, &strings);
			elf_file_function(&file, 0x401000, name, sizeof(name), &offset);
		}
	}
	close(fd);
}

/* ---- What is contained --------------------------------------------------------------------- */

/* Run a program that waits, with one more variable, and tell what its files contain. */
static bool contained(const char *program, const char *variable)
{
	static struct vdk_vsyscall_seen seen;
	char *argv[] = {(char *)(uintptr_t)program, (char *)(uintptr_t)"30", NULL};
	char *environment[] = {(char *)(uintptr_t)variable, NULL};
	bool result, again;
	int status;
	const pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execve(program, argv, environment);
		_exit(1);
	}
	waitpid(pid, &status, __WALL);
	assert_true(WIFSTOPPED(status));
	result = vdk_vsyscall_contained(pid, &seen);
	again = vdk_vsyscall_contained(pid, &seen);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, __WALL);
	assert_int_equal(result, again);
	return result;
}

static void in_build(const char *file, char path[4096], const char *before)
{
	const char *root = getenv("VDK_BUILD_ROOT");

	snprintf(path, 4096, "%s%s/test/vsyscall/%s", before, root ? root : ".", file);
}

static void test_contained(void **state)
{
	char path[4096], variable[4096];

	(void)state;
	assert_false(contained("/bin/sleep", "A=1"));
	in_build("use", path, "");
	assert_true(contained(path, "A=1")); /* by DT_NEEDED and DT_RUNPATH */
	in_build("libold.so", variable, "LD_PRELOAD=");
	assert_true(contained("/bin/sleep", variable));
	assert_false(contained("/bin/sleep", "LD_PRELOAD=/no/such.so:relative.so"));
	assert_false(contained("/bin/sleep", "LD_PRELOAD=::/no/such.so:/no/such.so"));
	memset(path, 'x', sizeof(path));
	memcpy(path, "LD_LIBRARY_PATH=relative:/", 26);
	path[4095] = '\0'; /* no name fits behind it */
	assert_false(contained("/bin/sleep", path));
	memcpy(path, "LD_LIBRARY_PATH=$ORIGIN/..:${ORIGIN}/", 37);
	assert_false(contained("/bin/sleep", path));
	assert_true(contained("/proc/self/exe", "A=1")); /* this file has them itself */
}

/* ---- A clock that fails ----------------------------------------------------------------- */

static int failing_gettimeofday(struct timeval *tv, struct timezone *tz)
{
	(void)tv;
	(void)tz;
	return -22;
}

/* An error of the clock is the call's result, and nothing is written. */
static void test_failing_clock(void **state)
{
	struct child *child = *state;
	struct vdk_vsyscall_answer answer;

	child->clock.gettimeofday = failing_gettimeofday;
	assert_int_equal(ask(child, 0, (uint64_t)(uintptr_t)child->pages + 64, 0, &answer),
	                 VDK_VSYSCALL_ANSWERED);
	assert_int_equal(answer.result, -22);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_answers, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_pointers, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_stacks, set_up, tear_down),
	        cmocka_unit_test(test_entries),
	        cmocka_unit_test(test_call_instructions),
	        cmocka_unit_test(test_elf_function),
	        cmocka_unit_test(test_hostile_files),
	        cmocka_unit_test(test_contained),
	        cmocka_unit_test_setup_teardown(test_failing_clock, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
