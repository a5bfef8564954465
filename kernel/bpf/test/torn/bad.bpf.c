// SPDX-License-Identifier: MIT
/* Reads far behind the page's map: the verifier must refuse it, and be heard. */
#include "write.h"

SEC("perf_event")
int on_tick(void *context)
{
	const uint64_t *outside = (const uint64_t *)vdk_bpf_begin(small);

	return outside ? (int)outside[1 << 20] : 0;
}
