/* SPDX-License-Identifier: MIT */
/* cell - a function with arguments that calls another one: what debuggers and profilers must name */
#include <vdk/vdso.h>

#include "cell.page.h"

static __attribute__((noinline)) int cell_inner(int left)
{
	struct cell now;

	return vdk_read(cell, &now) ? left : now.value + left;
}

VDK_FUNCTION(int, cell_sum, (int left, int right))
{
	return cell_inner(left) + right;
}
