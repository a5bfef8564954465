/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_ARCH_VSYSCALL_H
#define VDK_ATTACH_ARCH_VSYSCALL_H

/*
 * The fixed page of x86-64, as a tracer has to know it: its entries, their arguments, and what the
 * kernel's emulation leaves in the registers. A CPU that never had such a page says that no address
 * lies in it.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "arch-registers.h"

#define VSYSCALL_PAGE UINT64_C(0xffffffffff600000)

/*
 * Beyond the page, never mapped for programs: a jump there faults on every kernel as one to the
 * page does where the kernel does not serve it.
 */
#define VSYSCALL_FAULTS (VSYSCALL_PAGE + 0x1000)

enum vsyscall_number {
	VSYSCALL_GETTIMEOFDAY,
	VSYSCALL_TIME,
	VSYSCALL_GETCPU,
	VSYSCALL_MISALIGNED /* in the page, but no entry: the kernel answers with SIGSEGV */
};

static inline bool vsyscall_is_page(uint64_t address)
{
	return (address & ~UINT64_C(0xfff)) == VSYSCALL_PAGE;
}

static inline enum vsyscall_number vsyscall_number(uint64_t address)
{
	const uint64_t number = (address - VSYSCALL_PAGE) >> 10;

	return (address & 0x3ff) || number > VSYSCALL_GETCPU ? VSYSCALL_MISALIGNED
	                                                      : (enum vsyscall_number)number;
}

static inline const char *vsyscall_name(uint64_t address)
{
	static const char *const names[] = {"gettimeofday", "time", "getcpu", "no function"};

	return names[vsyscall_number(address)];
}

static inline uint64_t vsyscall_first(const struct vdk_registers *registers)
{
	return registers->user.rdi;
}

static inline uint64_t vsyscall_second(const struct vdk_registers *registers)
{
	return registers->user.rsi;
}

/* The call is done: its result, and what a `ret` would do. All other registers keep their values. */
static inline void vsyscall_return(struct vdk_registers *registers, int64_t result,
                                   uint64_t caller)
{
	registers->user.rax = (uint64_t)result;
	registers->user.rip = caller;
	registers->user.rsp += 8;
}

/* The call failed on writing its results: in the emulation, rax then holds seccomp's default. */
static inline void vsyscall_fault(struct vdk_registers *registers)
{
	registers->user.rax = (uint64_t)(int64_t)-ENOSYS;
}

/*
 * In seccomp's stop within the emulation: let the kernel not do the call, which then returns
 * `result`. The kernel does the `ret` itself, and wants ip and stack pointer untouched.
 */
static inline void vsyscall_skip(struct vdk_registers *registers, int64_t result)
{
	registers->user.orig_rax = (uint64_t)(int64_t)-1;
	registers->user.rax = (uint64_t)result;
}

/* Undo the `ret` and go somewhere else. */
static inline void vsyscall_redo(struct vdk_registers *registers, uint64_t address)
{
	registers->user.rsp -= 8;
	registers->user.rip = address;
}

static inline void vsyscall_set_ip(struct vdk_registers *registers, uint64_t address)
{
	registers->user.rip = address;
}

/*
 * How long the call instruction is that ends before `bytes + size`; 0 if there is none of a form
 * that can reach the page.
 */
static inline unsigned vsyscall_call_length(const uint8_t *bytes, unsigned size)
{
	const uint8_t *end = bytes + size;

	if (size >= 7 && end[-7] == 0xff && end[-6] == 0x14 && end[-5] == 0x25)
		return 7; /* call *ADDRESS */
	if (size >= 6 && end[-6] == 0xff && end[-5] == 0x15)
		return 6; /* call *OFFSET(%rip) */
	if (size >= 3 && end[-3] == 0x41 && end[-2] == 0xff && (end[-1] & 0xf8) == 0xd0)
		return 3; /* call *%r8 ... %r15 */
	if (size >= 3 && end[-3] == 0xff && (end[-2] & 0xf8) == 0x50)
		return 3; /* call *OFFSET(%register) */
	return size >= 2 && end[-2] == 0xff && ((end[-1] & 0xf8) == 0xd0 || (end[-1] & 0xf8) == 0x10)
	               ? 2
	               : 0; /* call *%register, call *(%register) */
}

#endif
