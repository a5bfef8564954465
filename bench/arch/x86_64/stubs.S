/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What calls.c measures beside the image's functions: bench_jump_X is one indirect jump to
 * bench_jump_slot[X], the very shape of an image's chain stub, but inside this program. It shows
 * what such a jump costs on this CPU.
 */
#include "function.S"

	.text

.macro JUMP name, slot
	FUNCTION bench_jump_\name
	jmp	*bench_jump_slot + 8 * \slot(%rip)
	END bench_jump_\name
.endm

	JUMP clock_gettime, 0
	JUMP gettimeofday, 1
	JUMP time, 2
	JUMP getcpu, 3
	JUMP clock_getres, 4
	JUMP getrandom, 5

	.bss
	.balign	64
	.globl	bench_jump_slot
	.type	bench_jump_slot, @object
bench_jump_slot:
	.zero	8 * 6
	.size	bench_jump_slot, 8 * 6

	.section .note.GNU-stack, "", @progbits
