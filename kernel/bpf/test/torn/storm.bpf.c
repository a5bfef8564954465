// SPDX-License-Identifier: MIT
/* Events of all CPUs, some inside of others: the guards have something to do. */
#include "write.h"

SEC("raw_tracepoint/sys_enter")
int on_system_call(void *context)
{
	return on_event();
}

SEC("tp_btf/sched_switch")
int on_switch(void *context)
{
	return on_event();
}

SEC("perf_event")
int on_tick(void *context)
{
	return on_event();
}
