// SPDX-License-Identifier: MIT
/*
 * What an event meets that comes while another one is inside of an update: the same that happens
 * by chance on several CPUs, on purpose on one. It is told by the record `dropped`.
 */
#include "write.h"

SEC("perf_event")
int on_tick(void *context)
{
	struct small small = {.count = 1, .three_times = 3};
	struct dropped dropped;
	struct large *outer = vdk_bpf_begin(large);

	if (!outer)
		return 0;
	dropped.large = vdk_bpf_begin(large) ? 0 : VDK_BPF_EBUSY;
	dropped.small = (uint64_t)-vdk_bpf_write(small, &small); /* a guard of its own */
	vdk_bpf_cancel(large);
	vdk_bpf_write(dropped, &dropped);
	return 0;
}
