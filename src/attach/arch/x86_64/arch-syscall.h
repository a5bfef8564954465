/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_ARCH_SYSCALL_H
#define VDK_ATTACH_ARCH_SYSCALL_H

/* Raw system calls for code that has no libc: the start-up code and nobody else. */

#include <stdint.h>
#include <sys/syscall.h>

#ifndef SYS_mseal
#define SYS_mseal 462
#endif

static inline __attribute__((always_inline)) long
raw_syscall(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
	register uint64_t r10 __asm__("r10") = d;
	register uint64_t r8 __asm__("r8") = e;
	register uint64_t r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
	                 : "rcx", "r11", "memory");
	return result;
}

/*
 * Leave for the program: enter `finish` with madvise(page, 4096, MADV_DONTNEED) in the registers
 * and the entry point just below the stack pointer, where vdk_attach_finish expects it.
 */
static inline __attribute__((always_inline, noreturn)) void
raw_finish(uint64_t finish, uint64_t page, uint64_t stack, uint64_t entry)
{
	((volatile uint64_t *)stack)[-1] = entry;
	__asm__ volatile("mov %[stack], %%rsp\n\t"
	                 "jmp *%[finish]"
	                 :
	                 : [stack] "r"(stack), [finish] "r"(finish), "a"((long)SYS_madvise),
	                   "D"(page), "S"(4096L), "d"(4L)
	                 : "memory");
	__builtin_unreachable();
}

/* The same without a system call: start the program at once. */
static inline __attribute__((always_inline, noreturn)) void raw_enter(uint64_t stack,
                                                                      uint64_t entry)
{
	__asm__ volatile("mov %[stack], %%rsp\n\t"
	                 "xor %%edx, %%edx\n\t" /* the ABI: rdx is a function for atexit, or 0 */
	                 "jmp *%[entry]"
	                 :
	                 : [stack] "r"(stack), [entry] "r"(entry)
	                 : "rdx", "memory");
	__builtin_unreachable();
}

#endif
