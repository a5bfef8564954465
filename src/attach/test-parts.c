/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parts of attach that can be asked without a program to attach to: what Yama allows, which
 * programs are refused, where an auxiliary vector lies, what the start-up code is made of, and what
 * /proc says of a thread.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attach/kernel.h"
#include "attach/program.h"
#include "attach/rights.h"
#include "attach/stack.h"
#include "attach/start.h"
#include "attach/thread.h"

static void yama_allows_by_scope(void **state)
{
	struct vdk_report report = {0};

	assert_int_equal(vdk_yama_verdict(0, false, true, &report), 0);
	assert_int_equal(vdk_yama_verdict(1, false, false, &report), 0);
	assert_int_equal(vdk_yama_verdict(1, true, true, &report), 0);
	assert_int_equal(vdk_yama_verdict(2, true, true, &report), 0);
	assert_string_equal(report.text, "");
	assert_int_equal(vdk_yama_verdict(1, false, true, &report), -EPERM);
	assert_non_null(strstr(report.text, "--once"));
	assert_int_equal(vdk_yama_verdict(2, false, false, &report), -EPERM);
	assert_non_null(strstr(report.text, "CAP_SYS_PTRACE"));
	assert_int_equal(vdk_yama_verdict(3, true, false, &report), -EPERM);
	assert_string_equal(report.object, "kernel.yama.ptrace_scope");
}

static void programs_are_found_as_by_execvp(void **state)
{
	struct vdk_report report = {0};
	char path[PATH_MAX];

	assert_int_equal(vdk_program_find("sh", path, &report), 0);
	assert_int_equal(access(path, X_OK), 0);
	assert_int_equal(vdk_program_find("/bin/sh", path, &report), 0);
	assert_string_equal(path, "/bin/sh");
	assert_int_equal(vdk_program_find("no-such-program-666", path, &report), -ENOENT);
	assert_int_equal(vdk_program_find("/", path, &report), -EACCES);
	assert_int_equal(vdk_program_find("", path, &report), -ENOENT);
	assert_int_equal(strncmp(report.text, "cannot run", 10), 0);
}

/* A file with the given first bytes and mode is judged before anything is started. */
static int judge(const void *bytes, size_t size, mode_t mode)
{
	char name[] = "/tmp/vdk-test-program-XXXXXX", path[PATH_MAX];
	const int fd = mkstemp(name);
	int error;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	/* A foreign owner, where we may give files away: our own set-user-ID changes nothing. */
	if (fchown(fd, 65534, 65534))
		assert_int_equal(errno, EPERM);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	error = vdk_program_find(name, path, NULL);
	unlink(name);
	return error;
}

static void foreign_kinds_are_refused(void **state)
{
	const uint8_t elf32[EI_NIDENT] = {0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, 1};
	const uint8_t elf64[EI_NIDENT] = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1};

	assert_int_equal(judge(elf64, sizeof(elf64), 0755), 0);
	assert_int_equal(judge(elf32, sizeof(elf32), 0755), -EOPNOTSUPP);
	assert_int_equal(judge("", 0, 0755), 0);
	assert_int_equal(judge("#!/bin/sh\n", 10, 0644), -EACCES);
	if (geteuid() == 0) {
		assert_int_equal(judge(elf64, sizeof(elf64), 04755), -EOPNOTSUPP);
		assert_int_equal(judge(elf64, sizeof(elf64), 02755), -EOPNOTSUPP);
	}
}

/* The initial stack as exec leaves it, in our own memory, read by way of /proc/self/mem. */
static int read_stack(const uint64_t *words, struct vdk_stack *ret)
{
	const int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	int error;

	assert_true(memory >= 0);
	error = vdk_stack_read(memory, (uint64_t)(uintptr_t)words, ret);
	close(memory);
	return error;
}

static void the_auxiliary_vector_is_found(void **state)
{
	uint64_t words[2048] = {2, 1, 1, 0 /* argv */};
	struct vdk_stack stack;
	size_t at = 4;

	while (at < 1500)
		words[at++] = 1; /* a long environment: the vector lies pages away */
	words[at++] = 0;
	words[at] = AT_PAGESZ, words[at + 1] = 4096, at += 2;
	words[at] = AT_SYSINFO_EHDR, words[at + 1] = 0x1234000, at += 2;
	words[at] = AT_SECURE, words[at + 1] = 1, at += 2;
	words[at] = AT_NULL;
	assert_int_equal(read_stack(words, &stack), 0);
	assert_int_equal(stack.vdso, 0x1234000);
	assert_ptr_equal((void *)(uintptr_t)stack.vdso_entry, &words[1503]);
	assert_true(stack.secure);
	assert_int_equal(stack.page, 4096);
}

/* A stack without an end must not be read for ever, and one that ends in the air is an error. */
static void a_broken_stack_is_an_error(void **state)
{
	const size_t size = 16 << 20;
	uint64_t *words = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	                       0);
	struct vdk_stack stack;

	assert_true(words != MAP_FAILED);
	memset(words, 1, size);
	assert_int_equal(read_stack(words, &stack), -EBADMSG);
	assert_int_equal(munmap(words + 512, size - 4096), 0);
	assert_true(read_stack(words, &stack) < 0);
	munmap(words, 4096);
	assert_true(read_stack(words, &stack) < 0);
}

static void the_kernel_vdso_has_its_functions(void **state)
{
	struct vdk_kernel_vdso kernel;
	struct vdk_report report = {0};

	assert_int_equal(vdk_kernel_vdso_read(&kernel, &report), 0);
	assert_true(kernel.offset[VDK_CHAIN_clock_gettime] > 0);
	assert_true(kernel.offset[VDK_CHAIN_clock_gettime] < 1 << 20);
}

/* Code and parameters share the one page that they borrow. */
static void the_start_up_code_fits_its_page(void **state)
{
	const size_t code = (size_t)(__stop_vdk_start_text - __start_vdk_start_text);

	assert_true(code > 0);
	assert_true(code + 16 + sizeof(struct vdk_start) <= 4096);
}

/* In a process of its own, whose list of groups alone is longer than what is read at once. */
static int count_filters(void)
{
	static gid_t groups[4000];
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	const struct sock_fprog program = {.len = 1, .filter = &allow};
	const int before = vdk_thread_filters(getpid());

	for (int i = 0; i < 4000; i++)
		groups[i] = 100000 + (gid_t)i;
	if (setgroups(4000, groups))
		groups[0] = 0; /* as an ordinary user: the short list that there is */
	if (vdk_thread_filters(getpid()) != before || vdk_thread_process(getpid()) != getpid() ||
	    vdk_thread_is_zombie(getpid()))
		return 1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return 77;
	return vdk_thread_filters(getpid()) == before + 1 ? 0 : 2;
}

static void filters_are_counted_behind_any_list_of_groups(void **state)
{
	const pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child)
		_exit(count_filters());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(yama_allows_by_scope),
	        cmocka_unit_test(programs_are_found_as_by_execvp),
	        cmocka_unit_test(foreign_kinds_are_refused),
	        cmocka_unit_test(the_auxiliary_vector_is_found),
	        cmocka_unit_test(a_broken_stack_is_an_error),
	        cmocka_unit_test(the_kernel_vdso_has_its_functions),
	        cmocka_unit_test(the_start_up_code_fits_its_page),
	        cmocka_unit_test(filters_are_counted_behind_any_list_of_groups),
	};

	return cmocka_run_group_tests_name("attach", tests, NULL, NULL);
}
