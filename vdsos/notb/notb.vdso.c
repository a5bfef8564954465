/* SPDX-License-Identifier: MIT */
/*
 * notb - the vDSO of Matt Davis' article "Creating a vDSO: the Colonel's Other Chicken" (Linux
 * Journal 211, November 2011): one function that is pure code and one that reads a variable.
 */
#include <vdk/vdso.h>

#include "notb.page.h"

/* The article's own arithmetic. */
VDK_FUNCTION(int, number_of_the_beast, (void))
{
	return 0xDEAD - 56339;
}

VDK_FUNCTION(int, vget_number_of_the_beast, (void))
{
	struct notb now;
	const int error = vdk_read(notb, &now);

	return error ? error : now.vnotb;
}
