/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tracer of old programs on any kernel: calls that fail, clocks that are none, the dead. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "arch-vsyscall.h"
#include "attach/inject.h"
#include "attach/vsyscall-clock.h"
#include "attach/vsyscall.h"

/* ---- The tracer ---------------------------------------------------------------------------- */

/* What its handler was told of each fault, in memory that the test has, too. */
struct faults {
	unsigned count;
	struct {
		int code;
		uintptr_t address;
	} faults[8];
};

static struct faults *told;
static sigjmp_buf back;

static void on_fault(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	told->faults[told->count].code = info->si_code;
	told->faults[told->count++].address = (uintptr_t)info->si_addr;
	siglongjmp(back, 1);
}

static void call(uint64_t entry, uintptr_t argument)
{
	if (!sigsetjmp(back, 1))
		((long (*)(uintptr_t))(uintptr_t)entry)(argument);
}

#define KERNELS UINT64_C(0xffff888000000000) /* never a program's address */

/* Calls that fail in each way, a signal that is none of a fault, and a fault that is another's. */
static void be_traced(void)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
	const volatile uintptr_t nowhere = 8;

	sigaction(SIGSEGV, &action, NULL);
	call(VSYSCALL_PAGE + 0x10, 0);      /* no entry */
	call(VSYSCALL_PAGE + 0x400, KERNELS);
	call(VSYSCALL_PAGE + 0x400, 1);     /* a program's address, and nothing there */
	if (!sigsetjmp(back, 1))
		kill(getpid(), SIGSEGV);
	if (!sigsetjmp(back, 1))
		*(volatile int *)nowhere = 1;
	_exit(7);
}

/* Traces a child of its own as if this kernel did not serve the page. */
static void be_tracer(void)
{
	const struct vdk_attach attach = {.image_fd = -1, .page_fd = -1};
	const struct vdk_inject inject = {.attach = &attach, .vsyscall = {.who = VDK_VSYSCALL_ALL}};
	const pid_t child = fork();
	int status;

	if (!child) {
		raise(SIGSTOP);
		be_traced();
	}
	if (waitpid(child, &status, WUNTRACED) != child ||
	    ptrace(PTRACE_SEIZE, child, 0, vdk_vsyscall_options(&inject.vsyscall)))
		_exit(1);
	kill(child, SIGCONT);
	vdk_vsyscall_trace(&inject, false);
	_exit(0);
}

static void test_tracer(void **state)
{
	int status = -1;
	pid_t tracer;

	(void)state;
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(told != MAP_FAILED);
	tracer = fork();
	if (!tracer)
		be_tracer();
	assert_int_equal(waitpid(tracer, &status, 0), tracer);
	assert_int_equal(status, 0);
	assert_int_equal(told->count, 5);
	assert_int_equal(told->faults[0].code, SI_KERNEL);
	assert_int_equal(told->faults[1].code, SEGV_MAPERR);
	assert_int_equal(told->faults[1].address, KERNELS);
	assert_int_equal(told->faults[2].code, SI_KERNEL);
	assert_int_equal(told->faults[3].code, SI_USER);
	assert_int_equal(told->faults[4].code, SEGV_MAPERR);
	assert_int_equal(told->faults[4].address, 8);
	munmap(told, sizeof(*told));
}

/* What is no image, or cannot be mapped: the kernel tells the time. */
static void test_clock(void **state)
{
	const int memory = memfd_create("page", MFD_CLOEXEC);
	struct vdk_attach attach = {.image_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC),
	                            .image_size = 4096,
	                            .page_fd = memory,
	                            .page_size = 4096,
	                            .has_state = true,
	                            .state_fd = memory};
	struct vdk_inject inject = {.attach = &attach};
	struct vdk_vsyscall_clock clock = {0};
	struct timeval tv = {0};

	(void)state;
	assert_int_equal(ftruncate(memory, 1 << 16), 0);
	inject.start.image_size = inject.start.page_size = 4096;
	vdk_vsyscall_clock_open(&inject, &clock);
	assert_true(labs(vdk_vsyscall_time(&clock) - (long)time(NULL)) <= 1);
	attach.page_fd = -1;
	clock = (struct vdk_vsyscall_clock){0};
	vdk_vsyscall_clock_open(&inject, &clock);
	assert_int_equal(vdk_vsyscall_gettimeofday(&clock, &tv, NULL), 0);
	assert_true(labs((long)tv.tv_sec - (long)time(NULL)) <= 1);
	close(attach.image_fd);
	close(memory);
}

/* A dead thread's place in the table of open files is its successor's. */
static void test_cpu(void **state)
{
	uint32_t cpu = 99, node = 99;
	const pid_t child = fork();

	(void)state;
	if (!child)
		for (;;)
			pause();
	for (int i = 0; i < 3; i++) {
		vdk_vsyscall_getcpu(child, &cpu, &node);
		assert_true(cpu < (uint32_t)sysconf(_SC_NPROCESSORS_CONF));
		assert_true(node < 1024);
	}
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	vdk_vsyscall_getcpu(child, &cpu, &node);
	assert_int_equal(cpu, 0);
	vdk_vsyscall_getcpu(getpid(), &cpu, &node);
	assert_true(cpu < (uint32_t)sysconf(_SC_NPROCESSORS_CONF));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_tracer),
	        cmocka_unit_test(test_clock),
	        cmocka_unit_test(test_cpu),
	};

	return cmocka_run_group_tests_name("tracer", tests, NULL, NULL);
}
