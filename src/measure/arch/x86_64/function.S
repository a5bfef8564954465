/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* To be included: FUNCTION NAME ... END NAME is a function that others see, on a line of its own. */
.macro FUNCTION name
	.balign	64
	.globl	\name
	.type	\name, @function
\name:
	.cfi_startproc
.endm

.macro END name
	.cfi_endproc
	.size	\name, . - \name
.endm
