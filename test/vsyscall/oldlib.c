/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The time functions as C libraries had them for x86-64 until 2012: the fixed address into a
 * register, a call, and an error's number to the caller. Preloaded or linked before libc it makes a
 * program of today an old one.
 */
#include <errno.h>
#include <sys/time.h>
#include <time.h>

int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	long result;

	__asm__ volatile("movq $0xffffffffff600000, %%rax\n\t"
	                 "callq *%%rax"
	                 : "=a"(result), "+D"(tv), "+S"(tz)
	                 :
	                 : "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc");
	if (result >= 0)
		return (int)result;
	errno = (int)-result;
	return -1;
}

time_t time(time_t *t)
{
	long result;

	__asm__ volatile("movq $0xffffffffff600400, %%rax\n\t"
	                 "callq *%%rax"
	                 : "=a"(result), "+D"(t)
	                 :
	                 : "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
	return result;
}
