/* SPDX-License-Identifier: MIT */
/* For `vdk verify`: what is so whatever the operator does. */
#include <vdk/reference.h>

#include "flags.page.h"

/* No name is no flag. */
VDK_REFERENCE(int, flag_find, (const char *name), flag_find(""), 0)
{
	return -2;
}

/* Nothing lies in front of the list, nor behind it. */
VDK_REFERENCE(int, flag_on, (int number, uint64_t user),
	      flag_on(-1, 1) == flag_on(FLAGS, 1) ? flag_on(FLAGS, 1) : 0, 0)
{
	return -34;
}
