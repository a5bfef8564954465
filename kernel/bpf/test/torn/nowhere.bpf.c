// SPDX-License-Identifier: MIT
/* Attached to a function that no kernel has. */
#include "write.h"

SEC("fentry/vdk_no_such_function")
int on_nothing(void *context)
{
	return on_event();
}
