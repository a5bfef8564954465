/* SPDX-License-Identifier: MIT */
/*
 * broken - clock_gettime with one flaw, chosen by a -D flag: what `vdk verify` must find, and by
 * which property. Without a flag it is right.
 */
#include <vdk/vdso.h>

#include "broken.page.h"

struct timespec {
	int64_t tv_sec, tv_nsec;
};

#define CLOCK_MONOTONIC 1

static void earlier(struct timespec *time, int64_t ns)
{
	time->tv_nsec -= ns;
	if (time->tv_nsec < 0) {
		time->tv_nsec += 1000000000;
		time->tv_sec--;
	}
}

/* Flaws that are no matter of C; each macro is put between the chain's answer and the return. */
#if defined(LOSES_R15)
#define FLAW __asm__ volatile("xorl %%r15d, %%r15d" ::: "memory")
#elif defined(LEAVES_DIRECTION)
#define FLAW __asm__ volatile("std" ::: "memory")
#elif defined(CHANGES_ROUNDING)
#define FLAW                                                                                       \
	do {                                                                                       \
		const uint32_t up = 0x5f80;                                                        \
		__asm__ volatile("ldmxcsr %0" : : "m"(up));                                        \
	} while (0)
#elif defined(DEEP_STACK)
#define FLAW                                                                                       \
	do {                                                                                       \
		volatile char deep[8000];                                                          \
		deep[0] = 1;                                                                       \
		deep[7999] = deep[0];                                                              \
	} while (0)
#elif defined(ALIGNED_16)
/* No flaw: the ABI aligns stacks so. */
#define FLAW                                                                                       \
	do {                                                                                       \
		__attribute__((aligned(16))) char block[16];                                       \
		__asm__ volatile("movaps %%xmm0, %0" : "=m"(block));                               \
	} while (0)
#elif defined(BELOW_RED_ZONE)
/* Far below the stack pointer, where a signal's frame goes. */
#define FLAW                                                                                       \
	__asm__ volatile("movq %%rax, -800(%%rsp)\n\tnop\n\tnop\n\tmovq -800(%%rsp), %%rax\n\t"    \
	                 "movq %%rax, %0" : "+m"(time->tv_sec) : "a"(time->tv_sec) : "memory")
#elif defined(BAD_CFI)
#define FLAW                                                                                       \
	__asm__ volatile("pushq $1\n\tnop\n\taddq $8, %%rsp" ::: "memory", "cc")
#elif defined(BAD_CFI_REGISTER)
/* rbp is saved where the frame information does not look for it. */
#define FLAW                                                                                       \
	__asm__ volatile("movq %%rbp, %%rax\n\txorl %%ebp, %%ebp\n\tnop\n\tmovq %%rax, %%rbp" :::  \
	                 "rax", "memory", "cc")
#else
#define FLAW (void)0
#endif

static int ask(int32_t clock, struct timespec *time)
{
#if defined(WRONG_ERRNO)
	if (clock < 0 || clock > 11)
		return -1;
#elif defined(EAGER)
	time->tv_sec = 0; /* before a look at the clock's number */
#endif
	return vdk_chain(clock_gettime)(clock, time);
}

#if defined(WRONG_CPU)
VDK_FUNCTION(long, getcpu, (uint32_t *cpu, uint32_t *node, void *unused))
{
	const long error = vdk_chain(getcpu)(cpu, node, unused);

	if (cpu)
		++*cpu;
	return error;
}
#endif

VDK_FUNCTION(int, clock_gettime, (int32_t clock, struct timespec *time))
{
	const int error = ask(clock, time);

	if (error || !time)
		return error;
#if defined(WRONG_TIME)
	time->tv_sec += 1;
#elif defined(FAR_PAST)
	time->tv_sec = -0x7fffffffffffffff;
#elif defined(FAR_AND_NEAR)
	time->tv_sec = time->tv_nsec % 2 ? -9000000000 : 9000000000;
#elif defined(WRONG_CLOCK)
	if (clock == 7) /* CLOCK_BOOTTIME */
		return vdk_chain(clock_gettime)(0, time);
#elif defined(BACKWARDS)
	if (time->tv_nsec % 4096 < 4)
		earlier(time, 20000);
#elif defined(COARSE)
	earlier(time, time->tv_nsec % 1000000);
#elif defined(NOT_NORMAL)
	if (time->tv_nsec < 500000000) {
		time->tv_nsec += 1000000000;
		time->tv_sec--;
	}
#elif defined(NO_NAMESPACE)
	if (clock == CLOCK_MONOTONIC)
		time->tv_sec -= vdk_process.monotonic_offset / 1000000000;
#elif defined(CRASHES)
	*(volatile int *)8 = 1;
#elif defined(HANGS)
	for (;;)
		vdk_relax();
#elif defined(ENDS)
	__asm__ volatile("syscall" : : "a"(231), "D"(0) : "rcx", "r11"); /* exit_group */
#elif defined(KILLS)
	__asm__ volatile("syscall" : "=a"(clock) : "a"(39) : "rcx", "r11"); /* getpid, kill */
	__asm__ volatile("syscall" : : "a"(62), "D"(clock), "S"(9) : "rcx", "r11");
#elif defined(ENDLESS_STACK)
	__asm__ volatile("0:\tpushq $0\n\tjmp 0b");
#elif defined(FINE_COARSE)
	if (clock == 5 || clock == 6)
		return vdk_chain(clock_gettime)(clock == 5 ? 0 : 1, time);
#endif
	struct broken broken;

	(void)vdk_read(broken, &broken);
	FLAW;
	(void)earlier;
	return error;
}
