/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is measured beside an image's functions, with the least code that can do it:
 *
 *   measure_nothing   a function that returns at once: the floor of any call
 *   measure_raw_X     the system call X, up to three arguments; errors as the kernel gives them
 */
#include "function.S"

	.text

	FUNCTION measure_nothing
	ret
	END measure_nothing

.macro RAW name, number
	FUNCTION measure_raw_\name
	movl	$\number, %eax
	syscall
	ret
	END measure_raw_\name
.endm

	RAW gettimeofday, 96
	RAW getppid, 110
	RAW time, 201
	RAW clock_gettime, 228
	RAW clock_getres, 229
	RAW getcpu, 309
	RAW getrandom, 318

	.section .note.GNU-stack, "", @progbits
