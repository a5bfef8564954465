/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_VSYSCALL_ANSWER_H
#define VDK_ATTACH_VSYSCALL_ANSWER_H

/* One call to the vsyscall page, answered as the kernel's emulation would answer it. */

#include <stdint.h>

#include "arch-registers.h"
#include "attach/vsyscall-clock.h"

enum vdk_vsyscall_outcome {
	VDK_VSYSCALL_ANSWERED,
	VDK_VSYSCALL_BAD_ADDRESS, /* SIGSEGV that names the address: it is not a program's at all */
	VDK_VSYSCALL_FAULTED      /* SIGSEGV without an address: everything else that is wrong */
};

struct vdk_vsyscall_answer {
	int64_t result;
	uint64_t caller;  /* where the call returns to */
	uint64_t address; /* with BAD_ADDRESS */
	bool late;        /* with FAULTED: it did so on writing results, or before that */
};

/*
 * Answer the call to `address` that the stopped thread is at, with the memory of the program
 * written but its registers left to the caller. What the emulation tests is tested in its order:
 * that this is an entry, that the return address can be read, that the pointers are a program's,
 * that they can be written.
 */
enum vdk_vsyscall_outcome vdk_vsyscall_answer(struct vdk_vsyscall_clock *clock, int tid,
                                              uint64_t address,
                                              const struct vdk_registers *registers,
                                              struct vdk_vsyscall_answer *ret);

/* The return address of a call that was not answered; 0 if the stack cannot be read. */
uint64_t vdk_vsyscall_caller(int tid, const struct vdk_registers *registers);

/* Read a stopped thread's memory as the program itself could: the number of bytes, or 0. */
size_t vdk_vsyscall_peek(int tid, uint64_t address, void *bytes, size_t size);

#endif
