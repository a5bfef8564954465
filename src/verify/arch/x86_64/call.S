/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What stands between a question and the function that it asks, so that the function can be
 * looked at while it is called as ever: on a stack of ours, with known registers, step by step.
 *
 * Each hands on all argument registers and eight words of the stack, and all result registers.
 * State is in variables: they are used by one thread of a process that is there for one
 * verification.
 */
	.text

/* Eight words of arguments from behind the return address, which is at \from; the last one first. */
.macro COPY_ARGUMENTS from
	.irp	offset, 64, 56, 48, 40, 32, 24, 16, 8
	pushq	\offset(\from)
	.endr
.endm

/*
 * Call verify_target on the stack that ends at verify_stack_top. Not unwindable past this.
 */
	.globl	verify_on_stack
	.hidden	verify_on_stack
	.type	verify_on_stack, @function
verify_on_stack:
	movq	%rsp, verify_own_stack(%rip)
	movq	%rsp, %r11
	movq	verify_stack_top(%rip), %rsp
	COPY_ARGUMENTS %r11
	movq	verify_target(%rip), %rax
	call	*%rax
	movq	verify_own_stack(%rip), %rsp
	ret
	.size	verify_on_stack, . - verify_on_stack

/*
 * Call verify_target with the registers that it must keep full of patterns, and write down what
 * they are afterwards: verify_after[] is rbx rbp r12 r13 r14 r15 rsp rflags, verify_expected[]
 * what they should be (without the flags).
 */
	.globl	verify_keeping, verify_keeping_return
	.hidden	verify_keeping, verify_keeping_return
	.type	verify_keeping, @function
verify_keeping:
	.cfi_startproc
	movq	%rsp, %r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	.cfi_def_cfa_offset 56
	subq	$8, %rsp
	movq	%rsp, verify_own_stack(%rip)
	COPY_ARGUMENTS %r11
	stmxcsr	verify_mxcsr(%rip)
	fnstcw	verify_fpucw(%rip)
	movq	verify_expected(%rip), %rbx
	movq	verify_expected + 8(%rip), %rbp
	movq	verify_expected + 16(%rip), %r12
	movq	verify_expected + 24(%rip), %r13
	movq	verify_expected + 32(%rip), %r14
	movq	verify_expected + 40(%rip), %r15
	movq	%rsp, verify_expected + 48(%rip)
	movq	verify_target(%rip), %rax
	call	*%rax
verify_keeping_return:
	movq	%rbx, verify_after(%rip)
	movq	%rbp, verify_after + 8(%rip)
	movq	%r12, verify_after + 16(%rip)
	movq	%r13, verify_after + 24(%rip)
	movq	%r14, verify_after + 32(%rip)
	movq	%r15, verify_after + 40(%rip)
	movq	%rsp, verify_after + 48(%rip)
	movq	verify_own_stack(%rip), %rsp
	pushfq
	popq	verify_after + 56(%rip)
	cld
	stmxcsr	verify_mxcsr + 4(%rip)
	fnstcw	verify_fpucw + 2(%rip)
	addq	$8, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	.cfi_def_cfa_offset 8
	ret
	.cfi_endproc
	.size	verify_keeping, . - verify_keeping

/*
 * Call verify_target with the trap flag set: SIGTRAP arrives after each of its instructions.
 */
	.globl	verify_stepping
	.hidden	verify_stepping
	.type	verify_stepping, @function
verify_stepping:
	movq	%rsp, %r11
	subq	$8, %rsp
	COPY_ARGUMENTS %r11
	movq	verify_target(%rip), %rax
	pushfq
	orl	$0x100, (%rsp)
	popfq
	call	*%rax
	pushfq
	andl	$~0x100, (%rsp)
	popfq
	addq	$72, %rsp
	ret
	.size	verify_stepping, . - verify_stepping

	.section .note.GNU-stack, "", @progbits
