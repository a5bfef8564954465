/* SPDX-License-Identifier: MIT */
/*
 * The standard functions that the author did not define, and what they lead to where the kernel
 * has no such function.
 *
 * A chain stub is one jump through the process page: no register, no flag, no byte of the stack
 * is touched, so arguments, result, stack traces and errors are exactly the kernel's. `vdk build`
 * passes -DVDK_CHAIN_NAME=SLOT, from enum vdk_chain of vdk/format.h, for each function that the
 * author did not define. One that the author did define can still chain: the process page's slots
 * exist for all of them.
 *
 * A fallback is the system call itself. It returns what the kernel does, 0 or more or a negative
 * errno, never touches errno, and clobbers rcx and r11 besides rax, which callers of a C function
 * expect to lose. All are 16-aligned, so that one fetch brings a whole stub.
 */
/* System call numbers of x86-64: an ABI that never changes. */
#define NR_gettimeofday   96
#define NR_time           201
#define NR_clock_gettime  228
#define NR_clock_getres   229
#define NR_getcpu         309
#define NR_getrandom      318

.macro CHAIN name, slot
	.section .text.vdk.chain.\name, "ax", @progbits
	.balign	16
	.globl	__vdso_\name
	.type	__vdso_\name, @function
__vdso_\name:
	.cfi_startproc
	jmp	*vdk_process + 8 * \slot(%rip)
	.cfi_endproc
	.size	__vdso_\name, . - __vdso_\name
	.weak	\name
	.type	\name, @function
	.set	\name, __vdso_\name
.endm

.macro FALLBACK_BEGIN name
	.section .text.vdk.fallback.\name, "ax", @progbits
	.balign	16
	.globl	vdk_fallback_\name
	.hidden	vdk_fallback_\name
	.type	vdk_fallback_\name, @function
vdk_fallback_\name:
	.cfi_startproc
.endm

.macro FALLBACK_END name, number
	movl	$\number, %eax
	syscall
	ret
	.cfi_endproc
	.size	vdk_fallback_\name, . - vdk_fallback_\name
.endm

	.hidden	vdk_process

#ifdef VDK_CHAIN_clock_gettime
	CHAIN clock_gettime, VDK_CHAIN_clock_gettime
#endif
#ifdef VDK_CHAIN_gettimeofday
	CHAIN gettimeofday, VDK_CHAIN_gettimeofday
#endif
#ifdef VDK_CHAIN_time
	CHAIN time, VDK_CHAIN_time
#endif
#ifdef VDK_CHAIN_getcpu
	CHAIN getcpu, VDK_CHAIN_getcpu
#endif
#ifdef VDK_CHAIN_clock_getres
	CHAIN clock_getres, VDK_CHAIN_clock_getres
#endif
#ifdef VDK_CHAIN_getrandom
	CHAIN getrandom, VDK_CHAIN_getrandom
#endif

	FALLBACK_BEGIN clock_gettime
	FALLBACK_END clock_gettime, NR_clock_gettime

	FALLBACK_BEGIN gettimeofday
	FALLBACK_END gettimeofday, NR_gettimeofday

	FALLBACK_BEGIN time
	FALLBACK_END time, NR_time

	FALLBACK_BEGIN getcpu
	FALLBACK_END getcpu, NR_getcpu

	FALLBACK_BEGIN clock_getres
	FALLBACK_END clock_getres, NR_clock_getres

	/*
	 * A C library first asks how large the state of its random generator must be: state_size
	 * (the fifth argument) is all ones. There is none here, and -ENOSYS tells it to use the
	 * system call from then on. Without that question the first three arguments are those of
	 * the system call, and state and state_size are no concern of its.
	 */
	FALLBACK_BEGIN getrandom
	cmpq	$-1, %r8
	je	1f
	movl	$NR_getrandom, %eax
	syscall
	ret
1:	movq	$-38, %rax		/* -ENOSYS, in all 64 bits of the result */
	ret
	.cfi_endproc
	.size	vdk_fallback_getrandom, . - vdk_fallback_getrandom

	.section .note.GNU-stack, "", @progbits
