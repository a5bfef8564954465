/* SPDX-License-Identifier: MIT */
/*
 * pass - a vDSO that defines nothing
 *
 * Its image holds only the chain stubs that every image has, one jump to each function of the
 * kernel's own vDSO. It is what the cost and the harmlessness of attaching are measured with:
 * a program that runs under it sees the same as without.
 */
#include <vdk/vdso.h>
