/* SPDX-License-Identifier: MIT */
/*
 * vdk_attach_finish - the last four steps of an attach, run by the new program itself
 *
 * Attach maps some start-up code into a program that was just executed, and that code cannot
 * unmap itself. It jumps here instead, with rax and the argument registers set for that last
 * system call (munmap or madvise of itself). Afterwards the program must find the registers as the
 * kernel's exec leaves them: every general register 0 but the stack pointer. So there is none left
 * to hold the program's entry point: its address lies just below the stack pointer, in memory
 * that nothing has any business with before the program's first push.
 *
 * Never called as a function; no signal can arrive before the program has installed a handler.
 */
	.section .text.vdk.finish, "ax", @progbits
	.balign	16
	.globl	vdk_attach_finish
	.hidden	vdk_attach_finish
	.type	vdk_attach_finish, @function
vdk_attach_finish:
	.cfi_startproc
	.cfi_undefined rip		/* the first frame: nobody called */
	syscall
	xorl	%eax, %eax
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx		/* the system call left its return address here ... */
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	xorl	%r10d, %r10d
	xorl	%r11d, %r11d		/* ... and the flags here */
	xorl	%r12d, %r12d
	xorl	%r13d, %r13d
	xorl	%r14d, %r14d
	xorl	%r15d, %r15d
	jmp	*-8(%rsp)
	.cfi_endproc
	.size	vdk_attach_finish, . - vdk_attach_finish

	.section .note.GNU-stack, "", @progbits
