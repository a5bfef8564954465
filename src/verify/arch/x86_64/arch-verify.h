/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_VERIFY_ARCH_H
#define VDK_VERIFY_ARCH_H

/* Registers of x86-64, as the verifications need them; call.S has the calls. */

#include <stdint.h>
#include <string.h>
#include <sys/user.h>
#include <ucontext.h>

/* Registers that a function keeps, in the order of verify_after[]; then the stack pointer. */
#define VERIFY_KEPT 6
#define VERIFY_FLAGS (VERIFY_KEPT + 1)
#define VERIFY_DIRECTION UINT64_C(0x400)
#define VERIFY_MXCSR_CONTROL 0xffc0u /* the rest are sticky flags of what happened */

static const char *const verify_kept_names[VERIFY_KEPT + 1] = {"rbx", "rbp", "r12", "r13",
                                                               "r14", "r15", "rsp"};

/* Their numbers in DWARF, and that of the program counter. */
static const unsigned int verify_kept_dwarf[VERIFY_KEPT + 1] = {3, 6, 12, 13, 14, 15, 7};
#define VERIFY_DWARF_REGISTERS 17
#define VERIFY_DWARF_PC 16

/* All registers of a stopped process in DWARF's order. */
static inline void verify_dwarf_registers(const struct user_regs_struct *from, uint64_t *to)
{
	const uint64_t registers[VERIFY_DWARF_REGISTERS] = {
	        from->rax, from->rdx, from->rcx, from->rbx, from->rsi, from->rdi,
	        from->rbp, from->rsp, from->r8,  from->r9,  from->r10, from->r11,
	        from->r12, from->r13, from->r14, from->r15, from->rip};

	memcpy(to, registers, sizeof(registers));
}

/* What was interrupted by a step goes on without steps. */
static inline void verify_end_steps(ucontext_t *context)
{
	context->uc_mcontext.gregs[REG_EFL] &= ~0x100;
}

static inline uint64_t verify_context_pc(const ucontext_t *context)
{
	return (uint64_t)context->uc_mcontext.gregs[REG_RIP];
}

#endif
