/* SPDX-License-Identifier: MIT */
/*
 * The four functions that compilers call of their own accord, even in freestanding code: for the
 * copy of a large struct, for its initialisation or comparison. Each is in a section of its own
 * and only linked into an image that needs it. In assembly, because a compiler may recognise a
 * loop in C as "this is memcpy" and call the very function that it compiles.
 *
 * The ABI has the direction flag clear at every call. The string instructions are fast from some
 * hundred bytes on, which is where compilers stop to copy inline.
 */

.macro BEGIN name
	.section .text.vdk.\name, "ax", @progbits
	.balign	16
	.globl	\name
	.hidden	\name
	.type	\name, @function
\name:
	.cfi_startproc
.endm

.macro END name
	.cfi_endproc
	.size	\name, . - \name
.endm

	/* void *memcpy(void *to, const void *from, size_t size) */
	BEGIN memcpy
	movq	%rdi, %rax
	movq	%rdx, %rcx
	rep movsb
	ret
	END memcpy

	/* void *memmove(void *to, const void *from, size_t size) */
	BEGIN memmove
	movq	%rdi, %rax
	movq	%rdx, %rcx
	movq	%rdi, %r8
	subq	%rsi, %r8		/* to - from, unsigned: below size only when */
	cmpq	%rdx, %r8		/* `to` lies inside of [from, from + size) */
	jb	1f
	rep movsb
	ret
1:	leaq	-1(%rdi,%rdx), %rdi	/* from the last byte down */
	leaq	-1(%rsi,%rdx), %rsi
	std
	rep movsb
	cld				/* the ABI's state again before anyone can see it */
	ret
	END memmove

	/* void *memset(void *to, int byte, size_t size) */
	BEGIN memset
	movq	%rdi, %r8
	movl	%esi, %eax
	movq	%rdx, %rcx
	rep stosb
	movq	%r8, %rax
	ret
	END memset

	/* int memcmp(const void *a, const void *b, size_t size) */
	BEGIN memcmp
	xorl	%ecx, %ecx
1:	cmpq	%rdx, %rcx
	je	2f
	movzbl	(%rdi,%rcx), %eax
	movzbl	(%rsi,%rcx), %r8d
	incq	%rcx
	subl	%r8d, %eax
	je	1b
	ret
2:	xorl	%eax, %eax
	ret
	END memcmp

	.section .note.GNU-stack, "", @progbits
