/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_ARCH_REGISTERS_H
#define VDK_ATTACH_ARCH_REGISTERS_H

/* The registers of a stopped program, as far as attach has to know them. */

#include <elf.h>
#include <errno.h>
#include <linux/audit.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

/* The architecture that seccomp reports for native system calls, and its 32-bit companion. */
#define VDK_AUDIT_NATIVE AUDIT_ARCH_X86_64
#define VDK_AUDIT_COMPAT AUDIT_ARCH_I386
/* execve and execveat of the companion, and of x32, which shares the native architecture. */
#define VDK_COMPAT_EXECVE 11
#define VDK_COMPAT_EXECVEAT 358
#define VDK_X32_EXECVE (0x40000000 | 520)
#define VDK_X32_EXECVEAT (0x40000000 | 545)

/* The system calls for the time, each with which one it is (vdk/attach.h); x32 and i386 as above. */
#define VDK_TIME_CALLS_NATIVE                                                                      \
	228, VDK_RAW_CLOCK_GETTIME, 96, VDK_RAW_GETTIMEOFDAY, 201, VDK_RAW_TIME,                   \
	0x40000000 | 228, VDK_RAW_CLOCK_GETTIME, 0x40000000 | 96, VDK_RAW_GETTIMEOFDAY,            \
	0x40000000 | 201, VDK_RAW_TIME
#define VDK_TIME_CALLS_COMPAT                                                                      \
	265, VDK_RAW_CLOCK_GETTIME, 403, VDK_RAW_CLOCK_GETTIME, 78, VDK_RAW_GETTIMEOFDAY, 13,      \
	VDK_RAW_TIME

struct vdk_registers {
	struct user_regs_struct user;
};

/*
 * Return: 0; -ENOEXEC the program is not a native 64-bit one (the kernel hands out the shorter
 *         i386 register set for it); another negative errno of ptrace(2).
 */
static inline int vdk_registers_read(int tid, struct vdk_registers *ret)
{
	struct iovec io = {.iov_base = &ret->user, .iov_len = sizeof(ret->user)};

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &io))
		return -errno;
	return io.iov_len == sizeof(ret->user) ? 0 : -ENOEXEC;
}

/*
 * Code that ends the stopped program with an exit status, whatever its width, and where to put it:
 * over its next instructions.
 *
 * Return: 0; a negative errno of ptrace(2).
 */
static inline int vdk_registers_exit(int tid, uint8_t status, uint64_t *ret_ip,
                                     uint8_t ret_code[16])
{
	/* mov $exit_group, %eax; mov $status, %edi or %ebx; syscall or int $0x80 */
	static const uint8_t native[] = {0xb8, 231, 0, 0, 0, 0xbf, 0, 0, 0, 0, 0x0f, 0x05};
	static const uint8_t compat[] = {0xb8, 252, 0, 0, 0, 0xbb, 0, 0, 0, 0, 0xcd, 0x80};
	union {
		struct user_regs_struct native;
		uint32_t compat[17]; /* the i386 register set; the twelfth is eip */
	} registers;
	struct iovec io = {.iov_base = &registers, .iov_len = sizeof(registers)};

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &io))
		return -errno;
	memset(ret_code, 0xcc, 16);
	if (io.iov_len == sizeof(registers.native)) {
		*ret_ip = registers.native.rip;
		memcpy(ret_code, native, sizeof(native));
	} else {
		*ret_ip = registers.compat[12];
		memcpy(ret_code, compat, sizeof(compat));
	}
	ret_code[6] = status;
	return 0;
}

static inline int vdk_registers_write(int tid, const struct vdk_registers *registers)
{
	struct iovec io = {.iov_base = (void *)&registers->user,
	                   .iov_len = sizeof(registers->user)};

	return ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &io) ? -errno : 0;
}

static inline uint64_t vdk_registers_ip(const struct vdk_registers *registers)
{
	return registers->user.rip;
}

static inline uint64_t vdk_registers_sp(const struct vdk_registers *registers)
{
	return registers->user.rsp;
}

/*
 * Go to `code` with one argument. execve's return value will overwrite rax, and nothing else: the
 * code must not expect anything there. The stack pointer is as at a function's first instruction.
 */
static inline void vdk_registers_divert(struct vdk_registers *registers, uint64_t code,
                                        uint64_t argument)
{
	registers->user.rip = code;
	registers->user.rdi = argument;
	registers->user.rsp = ((registers->user.rsp - 512) & ~(uint64_t)15) - 8;
}

#endif
