/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program as they were: it calls the fixed vsyscall page, in all the ways that the kernel's
 * emulation tells apart. What it prints is the same on every kernel and under `vdk run` wherever
 * the page works as it should: two outputs are compared, and nothing in them is a time or a CPU.
 *
 *     old            all cases
 *     old time       the time as the page tells it, in seconds; also gettimeofday, getcpu
 *     old tracer     who traces this program, 0 for nobody
 *     old wait       a call, a line, and a call once standard input ends
 *     old call       one call of each function, and the exit status 0
 *     old exec N     executes itself N times over, then as `old call`
 *     old edges     what else fails, where kernels differ: as Linux 6.1 does it
 *     old beyond     a fault that has nothing to do with the page: dies by SIGSEGV
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE 0xffffffffff600000UL
#define KERNEL ((void *)0xffff888000000000UL) /* never a program's address */
#define NOWHERE ((void *)1UL)                 /* a program's, and never mapped */

static long call3(unsigned long entry, const void *a, const void *b, unsigned long c)
{
	long result;

	__asm__ volatile("call *%[entry]"
	                 : "=a"(result)
	                 : [entry] "r"(entry), "D"(a), "S"(b), "d"(c)
	                 : "rcx", "r11", "memory");
	return result;
}

static long v_gettimeofday(void *tv, void *tz) { return call3(PAGE, tv, tz, 0); }
static long v_time(void *t) { return call3(PAGE + 0x400, t, 0, 0); }
static long v_getcpu(void *cpu, void *node) { return call3(PAGE + 0x800, cpu, node, 0x1234); }

/* ---- Answers ------------------------------------------------------------------------------- */

static int near(long a, long b) { return labs(a - b) <= 2; }

static void answers(void)
{
	struct timeval tv = {0}, now;
	struct timezone tz = {77, 77}, true_tz;
	time_t t = 0, result;

	syscall(SYS_gettimeofday, &now, &true_tz);
	printf("gettimeofday: %ld", v_gettimeofday(&tv, &tz));
	printf(" %d %d %d\n", near(tv.tv_sec, now.tv_sec), tv.tv_usec >= 0 && tv.tv_usec < 1000000,
	       !memcmp(&tz, &true_tz, sizeof(tz)));
	printf("gettimeofday without pointers: %ld\n", v_gettimeofday(NULL, NULL));
	tv.tv_sec = 0;
	printf("gettimeofday without a zone: %ld", v_gettimeofday(&tv, NULL));
	printf(" %d\n", near(tv.tv_sec, now.tv_sec));
	tz.tz_dsttime = 77;
	printf("gettimeofday without a time: %ld", v_gettimeofday(NULL, &tz));
	printf(" %d\n", tz.tz_dsttime == true_tz.tz_dsttime);
	result = v_time(&t);
	printf("time: %d %d\n", near(result, now.tv_sec), result == t);
	printf("time without a pointer: %d\n", near(v_time(NULL), now.tv_sec));
}

static void cpus(void)
{
	cpu_set_t allowed, one;
	int right = 1, count = 0;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		unsigned cpu = 999, node = 999, true_cpu, true_node;

		if (!CPU_ISSET(i, &allowed))
			continue;
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		sched_setaffinity(0, sizeof(one), &one);
		syscall(SYS_getcpu, &true_cpu, &true_node, NULL);
		if (v_getcpu(&cpu, &node) || cpu != true_cpu || node != true_node)
			right = 0;
		cpu = 999;
		if (v_getcpu(&cpu, NULL) || cpu != true_cpu || v_getcpu(NULL, NULL))
			right = 0;
		count++;
	}
	sched_setaffinity(0, sizeof(allowed), &allowed);
	printf("getcpu: %d %d\n", right, count > 0);
}

/* All registers but rax keep their values, and so do the flags and the bytes below the stack. */
static void registers(void)
{
	static const unsigned long entries[] = {PAGE, PAGE + 0x400, PAGE + 0x800};

	for (int i = 0; i < 3; i++) {
		unsigned long kept[10] = {0}, ok = 1;
		long result = (long)entries[i];
		double vector[2] = {1.5, 2.5};

		__asm__ volatile(
			"push %%rbp\n\t"
			"mov $0x1111, %%rcx\n\t mov $0x2222, %%r8\n\t mov $0x3333, %%r9\n\t"
			"mov $0x4444, %%r10\n\t mov $0x5555, %%r11\n\t mov $0x6666, %%r12\n\t"
			"mov $0x7777, %%r13\n\t mov $0x8888, %%r14\n\t mov $0x9999, %%rdx\n\t"
			"movupd (%[vector]), %%xmm7\n\t"
			"xor %%edi, %%edi\n\t xor %%esi, %%esi\n\t"
			"movq $0xabcd, -64(%%rsp)\n\t"
			"call *%%rax\n\t"
			"mov -64(%%rsp), %%rax\n\t mov %%rax, 72(%%rbx)\n\t"
			"movupd %%xmm7, (%[vector])\n\t"
			"mov %%rcx, 0(%%rbx)\n\t mov %%r8, 8(%%rbx)\n\t mov %%r9, 16(%%rbx)\n\t"
			"mov %%r10, 24(%%rbx)\n\t mov %%r11, 32(%%rbx)\n\t mov %%r12, 40(%%rbx)\n\t"
			"mov %%r13, 48(%%rbx)\n\t mov %%r14, 56(%%rbx)\n\t mov %%rdx, 64(%%rbx)\n\t"
			"pop %%rbp"
			: "+a"(result)
			: "b"(kept), [vector] "r"(vector)
			: "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
			  "xmm7", "memory", "cc");
		for (int j = 0; j < 9; j++)
			ok &= kept[j] == (unsigned long)(j + 1) * 0x1111;
		printf("registers of +%lx: %lu %d %d\n", entries[i] - PAGE, ok, kept[9] == 0xabcd,
		       vector[0] == 1.5 && vector[1] == 2.5);
	}
}

/* A stack that is aligned to nothing. */
static void odd_stack(void)
{
	for (int shift = 0; shift < 16; shift += 3) {
		long result;

		__asm__ volatile("mov %%rsp, %%rbx\n\t"
		                 "sub $256, %%rsp\n\t"
		                 "sub %[shift], %%rsp\n\t"
		                 "xor %%edi, %%edi\n\t"
		                 "call *%[entry]\n\t"
		                 "mov %%rbx, %%rsp"
		                 : "=a"(result)
		                 : [entry] "r"(PAGE + 0x400), [shift] "r"((long)shift)
		                 : "rbx", "rdi", "memory");
		printf("stack shifted by %d: %d\n", shift, near(result, syscall(SYS_time, NULL)));
	}
}

/* ---- Faults -------------------------------------------------------------------------------- */

static sigjmp_buf escape;
static unsigned long fault_sp; /* where the return address of the faulting call should be */

static void on_segv(int signal_number, siginfo_t *info, void *context)
{
	const ucontext_t *at = context;
	const unsigned long ip = (unsigned long)at->uc_mcontext.gregs[REG_RIP];
	const long ax = at->uc_mcontext.gregs[REG_RAX];

	printf("signal %d, code %d, address %p, at %lx%s", signal_number, info->si_code,
	       info->si_addr, ip, ax == -ENOSYS ? ", ENOSYS" : "");
	if (fault_sp)
		printf(", stack %d", (unsigned long)at->uc_mcontext.gregs[REG_RSP] == fault_sp);
	printf("\n");
	siglongjmp(escape, 1);
}

static void faulting(const char *what, unsigned long entry, const void *a, const void *b)
{
	printf("%s: ", what);
	if (!sigsetjmp(escape, 1))
		printf("%ld\n", call3(entry, a, b, 0));
}

/* The call's stack pointer is `sp`: jump there with the return address already in place, or not. */
static void jump_with_stack(const char *what, unsigned long entry, unsigned long sp)
{
	printf("%s: ", what);
	fault_sp = sp;
	if (!sigsetjmp(escape, 1))
		__asm__ volatile("mov %[sp], %%rsp\n\t"
		                 "xor %%edi, %%edi\n\t xor %%esi, %%esi\n\t"
		                 "jmp *%[entry]"
		                 :
		                 : [sp] "r"(sp), [entry] "r"(entry)
		                 : "rdi", "rsi", "memory");
	fault_sp = 0;
}

static void catch_faults(void)
{
	static char room[65536];
	stack_t alternate = {.ss_sp = room, .ss_size = sizeof(room)};
	struct sigaction action = {.sa_sigaction = on_segv,
	                           .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};

	sigaltstack(&alternate, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

/* Where programs' addresses end; newer kernels are less exact than Linux 6.1. */
static void edges(void)
{
	catch_faults();
	faulting("time into the last page", PAGE + 0x400, (void *)0x7ffffffff000, NULL);
	faulting("time across the end", PAGE + 0x400, (void *)0x7fffffffeffc, NULL);
	faulting("gettimeofday across the end", PAGE, (void *)0x7fffffffeff8, NULL);
	faulting("getcpu before the end", PAGE + 0x800, NULL, (void *)0x7fffffffeffc);
}

static void faults(void)
{
	char *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *fixed = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct timeval tv;
	unsigned node = 999;
	long words[2];

	catch_faults();
	mprotect(two + 4096, 4096, PROT_NONE);

	faulting("time into nowhere", PAGE + 0x400, NOWHERE, NULL);
	faulting("time into the kernel", PAGE + 0x400, KERNEL, NULL);
	faulting("time into what is read-only", PAGE + 0x400, fixed, NULL);
	faulting("gettimeofday into nowhere", PAGE, NOWHERE, NULL);
	faulting("gettimeofday into the kernel", PAGE, KERNEL, NULL);
	faulting("gettimeofday, zone into nowhere", PAGE, &tv, NOWHERE);
	faulting("gettimeofday, zone into the kernel", PAGE, &tv, KERNEL);
	faulting("gettimeofday, both into the kernel", PAGE, KERNEL, (char *)KERNEL + 64);
	faulting("getcpu into nowhere", PAGE + 0x800, NOWHERE, &node);
	printf("  the node is written all the same: %d\n", node != 999);
	faulting("getcpu into the kernel", PAGE + 0x800, KERNEL, NULL);
	faulting("getcpu, node into the kernel", PAGE + 0x800, NULL, KERNEL);

	memset(two, 0, 4096);
	faulting("gettimeofday, the half of it", PAGE, two + 4096 - 8, NULL);
	memcpy(words, two + 4096 - 8, 8);
	printf("  the first half is written: %d\n", near(words[0], syscall(SYS_time, NULL)));
	memset(two, 0, 4096);
	faulting("gettimeofday, half a word", PAGE, two + 4096 - 4, NULL);
	memcpy(words, two + 4096 - 8, 8);
	printf("  nothing is written: %d\n", !words[0]);
	faulting("time, half a word", PAGE + 0x400, two + 4096 - 4, NULL);
	memcpy(words, two + 4096 - 8, 8);
	printf("  nothing is written: %d\n", !words[0]);

	faulting("no entry, +1", PAGE + 1, NULL, NULL);
	faulting("no entry, +0x10", PAGE + 0x10, NULL, NULL);
	faulting("no entry, +0xc00", PAGE + 0xc00, NULL, NULL);
	faulting("no entry, +0xfff", PAGE + 0xfff, NULL, NULL);
	jump_with_stack("a stack that is not there", PAGE + 0x400, 0x1000);
	jump_with_stack("a stack in the kernel", PAGE + 0x400, (unsigned long)KERNEL);
	jump_with_stack("half a return address", PAGE + 0x400, (unsigned long)two + 4096 - 4);
	faulting("after all that", PAGE + 0x400, NOWHERE, NULL);
	signal(SIGSEGV, SIG_DFL);
	munmap(two, 8192);
	munmap(fixed, 4096);
}

/* ---- Signals and steps --------------------------------------------------------------------- */

static volatile sig_atomic_t alarms, alarms_inside;
static const struct itimerval no_timer;

static void on_alarm(int signal_number, siginfo_t *info, void *context)
{
	const ucontext_t *at = context;
	const unsigned long ip = (unsigned long)at->uc_mcontext.gregs[REG_RIP];
	static time_t within;

	(void)signal_number;
	(void)info;
	alarms++;
	/* Between the call and its fault; or anywhere outside of this static program. */
	if (ip > 0x1000000 && (ip & ~0xfffUL) != PAGE)
		alarms_inside++;
	v_time(&within);
	/* Here, since a slow machine may be busy with nothing but this handler. */
	if (alarms >= 50)
		setitimer(ITIMER_REAL, &no_timer, NULL);
}

static void signals(void)
{
	struct sigaction action = {.sa_sigaction = on_alarm, .sa_flags = SA_SIGINFO | SA_RESTART};
	const struct itimerval every = {{0, 1000}, {0, 1000}};
	int right = 1;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	for (int i = 0; i < 20000 && alarms < 50; i++) {
		struct timeval tv = {0};

		right &= !v_gettimeofday(&tv, NULL) && tv.tv_sec > 1000000;
		right &= v_time(NULL) > 1000000;
	}
	setitimer(ITIMER_REAL, &no_timer, NULL);
	printf("signals: %d, some came: %d, none inside of a call: %d\n", right, alarms > 0,
	       !alarms_inside);
}

static volatile sig_atomic_t steps, steps_in_page, steps_elsewhere;

static void on_trap(int signal_number, siginfo_t *info, void *context)
{
	const ucontext_t *at = context;
	const unsigned long ip = (unsigned long)at->uc_mcontext.gregs[REG_RIP];

	(void)signal_number;
	(void)info;
	steps++;
	if ((ip & ~0xfffUL) == PAGE)
		steps_in_page++;
	else if (ip > 0x1000000)
		steps_elsewhere++;
}

static void single_steps(void)
{
	struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
	long result;

	sigaction(SIGTRAP, &action, NULL);
	__asm__ volatile("sub $128, %%rsp\n\t"
	                 "pushfq\n\t orl $0x100, (%%rsp)\n\t popfq\n\t"
	                 "xor %%edi, %%edi\n\t"
	                 "call *%[entry]\n\t"
	                 "nop\n\t"
	                 "pushfq\n\t andl $~0x100, (%%rsp)\n\t popfq\n\t"
	                 "add $128, %%rsp"
	                 : "=a"(result)
	                 : [entry] "r"(PAGE + 0x400)
	                 : "rdi", "memory", "cc");
	printf("single steps: %d, in the page %d, elsewhere %d, result %d\n", (int)steps,
	       (int)steps_in_page, (int)steps_elsewhere, near(result, syscall(SYS_time, NULL)));
}

/* SIGSEGV from elsewhere is no call. */
static volatile sig_atomic_t sent;

static void on_sent(int signal_number)
{
	(void)signal_number;
	sent++;
}

static void sent_signals(void)
{
	signal(SIGSEGV, on_sent);
	raise(SIGSEGV);
	kill(getpid(), SIGSEGV);
	v_time(NULL);
	printf("signals sent: %d\n", (int)sent);
	signal(SIGSEGV, SIG_DFL);
}

/* ---- Threads and processes ----------------------------------------------------------------- */

static void *thread(void *argument)
{
	long right = 1;

	(void)argument;
	for (int i = 0; i < 200; i++) {
		struct timeval tv = {0};

		right &= !v_gettimeofday(&tv, NULL) && tv.tv_sec > 1000000;
		right &= v_time(NULL) > 1000000;
		right &= !v_getcpu(NULL, NULL);
	}
	return (void *)right;
}

static void threads(void)
{
	pthread_t all[4];
	long right = 0;

	for (int i = 0; i < 4; i++)
		pthread_create(&all[i], NULL, thread, NULL);
	for (int i = 0; i < 4; i++) {
		void *result;

		pthread_join(all[i], &result);
		right += (long)result;
	}
	printf("threads: %ld\n", right);
}

static void tell_status(const char *what, pid_t child)
{
	int status = -1;

	waitpid(child, &status, 0);
	printf("%s: %s %d\n", what, WIFSIGNALED(status) ? "signal" : "status",
	       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	fflush(stdout);
}

static void *execute(void *self)
{
	char *again[] = {self, "exec", "1", NULL};

	v_time(NULL);
	execv(self, again);
	_exit(9);
}

/* While other threads call. */
static void exec_from_thread(char *self)
{
	pthread_t other;

	for (int i = 0; i < 3; i++)
		pthread_create(&other, NULL, thread, NULL);
	pthread_create(&other, NULL, execute, self);
	for (;;)
		v_gettimeofday(NULL, NULL);
}

static void processes(char *self)
{
	char *again[] = {self, "exec", "2", NULL};
	pid_t child = fork();

	if (!child) {
		child = fork();
		if (!child)
			_exit(v_time(NULL) > 1000000 ? 7 : 8);
		waitpid(child, NULL, 0);
		_exit(v_time(NULL) > 1000000 ? 5 : 6);
	}
	tell_status("fork", child);
	child = vfork();
	if (!child)
		_exit(v_time(NULL) > 1000000 ? 5 : 6);
	tell_status("vfork", child);
	child = vfork();
	if (!child) {
		execv(self, again);
		_exit(9);
	}
	tell_status("vfork and exec", child);
	child = fork();
	if (!child)
		exec_from_thread(self);
	tell_status("exec from a thread", child);
	child = fork();
	if (!child) {
		raise(SIGSTOP);
		_exit(v_time(NULL) > 1000000 ? 5 : 6);
	}
	waitpid(child, NULL, WUNTRACED);
	kill(child, SIGCONT);
	tell_status("stopped and continued", child);
	child = fork();
	if (!child) {
		v_time(NOWHERE);
		_exit(9);
	}
	tell_status("a bad pointer and no handler", child);
	child = fork();
	if (!child) {
		const sigset_t all = {{~0UL}};

		sigprocmask(SIG_BLOCK, &all, NULL);
		v_gettimeofday(KERNEL, NULL);
		_exit(9);
	}
	tell_status("a bad pointer, blocked", child);
}

/* Where the compiler does not see it. */
static void *volatile_nowhere(void)
{
	void *volatile place = NOWHERE;

	return place;
}

static void tell_tracer(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "TracerPid:", 10))
			printf("%d\n", atoi(line + 10));
	if (file)
		fclose(file);
}

static void one_of_each(void)
{
	struct timeval tv;
	unsigned cpu;

	if (v_gettimeofday(&tv, NULL) || v_time(NULL) < 1000000 || v_getcpu(&cpu, NULL))
		exit(1);
}

int main(int argc, char **argv)
{
	struct timeval tv;
	unsigned cpu = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && !strcmp(argv[1], "time")) {
		printf("%ld\n", v_time(NULL));
	} else if (argc == 2 && !strcmp(argv[1], "gettimeofday")) {
		v_gettimeofday(&tv, NULL);
		printf("%ld\n", (long)tv.tv_sec);
	} else if (argc == 2 && !strcmp(argv[1], "getcpu")) {
		v_getcpu(&cpu, NULL);
		printf("%u\n", cpu);
	} else if (argc == 2 && !strcmp(argv[1], "tracer")) {
		tell_tracer();
	} else if (argc == 2 && !strcmp(argv[1], "wait")) {
		one_of_each();
		tell_tracer();
		while (getchar() != EOF)
			;
		one_of_each();
	} else if (argc == 2 && !strcmp(argv[1], "call")) {
		one_of_each();
	} else if (argc == 3 && !strcmp(argv[1], "exec")) {
		char left[16];

		one_of_each();
		snprintf(left, sizeof(left), "%d", atoi(argv[2]) - 1);
		if (atoi(argv[2]) > 0)
			execl("/proc/self/exe", argv[0], "exec", left, NULL);
	} else if (argc == 2 && !strcmp(argv[1], "edges")) {
		edges();
	} else if (argc == 2 && !strcmp(argv[1], "beyond")) {
		v_time(NULL);
		raise(*(volatile char *)volatile_nowhere());
	} else {
		answers();
		cpus();
		registers();
		odd_stack();
		faults();
		signals();
		single_steps();
		sent_signals();
		threads();
		processes("/proc/self/exe");
		puts("done");
	}
	return 0;
}
