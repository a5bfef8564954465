// SPDX-License-Identifier: MIT
/* A clock of one CPU, of --every. */
#include "write.h"

SEC("perf_event")
int on_tick(void *context)
{
	return on_event();
}
