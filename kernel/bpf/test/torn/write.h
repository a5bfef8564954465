/* SPDX-License-Identifier: MIT */
#ifndef TORN_WRITE_H
#define TORN_WRITE_H

/* What the test's programs have in common: every event writes both records. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <vdk/update-bpf.h>

#include "torn.page.h"

VDK_BPF_PAGE();
char LICENSE[] SEC("license") = "Dual MIT/GPL";

uint64_t events, small_dropped, large_dropped;

static __always_inline void write_large(uint64_t count)
{
	struct large *large = vdk_bpf_begin(large);

	if (!large) {
		__sync_fetch_and_add(&large_dropped, 1);
		return;
	}
	large->count = count;
	large->cpu = bpf_get_smp_processor_id();
	large->reserved = 0;
	for (uint32_t i = 0; i < LARGE_WORDS; i++)
		large->word[i] = count + i;
	vdk_bpf_commit(large);
}

static __always_inline int on_event(void)
{
	const uint64_t count = __sync_fetch_and_add(&events, 1) + 1;
	struct small small = {.count = count, .three_times = 3 * count};
	struct dropped dropped;

	if (vdk_bpf_write(small, &small))
		__sync_fetch_and_add(&small_dropped, 1);
	write_large(count);
	dropped.small = small_dropped;
	dropped.large = large_dropped;
	vdk_bpf_write(dropped, &dropped);
	vdk_bpf_touch();
	return 0;
}

#endif
