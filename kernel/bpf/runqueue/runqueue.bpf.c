// SPDX-License-Identifier: MIT
/*
 * Written by the kernel at each update of its own vDSO data: a timer interrupt's work, on one CPU
 * at a time, 100 to 1000 times a second as long as any CPU has something to do. While all of them
 * sleep nothing changes, and nobody is there who could read.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <vdk/update-bpf.h>

#include "runqueue.page.h"

/* The part of the kernel's struct that is read here; where it lies is adjusted at load (CO-RE). */
struct rq {
	unsigned int nr_running;
	uint64_t nr_switches;
} __attribute__((preserve_access_index));

extern const struct rq runqueues __ksym;

VDK_BPF_PAGE();
char LICENSE[] SEC("license") = "Dual MIT/GPL";

static __always_inline void collect(struct runqueue *all, struct runqueue_cpu *each)
{
	uint64_t switches = 0, count;
	uint32_t running = 0, length, cpu;

	for (cpu = 0; cpu < RUNQUEUE_CPUS_MAX; cpu++) {
		const struct rq *rq = bpf_per_cpu_ptr(&runqueues, cpu);

		if (!rq)
			break;
		count = rq->nr_switches;
		length = rq->nr_running;
		each->switches[cpu] = count;
		each->running[cpu] = length;
		switches += count;
		running += length;
	}
	all->switches = switches;
	all->running = running;
	all->cpus = cpu;
}

SEC("fentry/update_vsyscall")
int on_update(void *context)
{
	struct runqueue all = {.at = bpf_ktime_get_ns()};
	struct runqueue_cpu *each = vdk_bpf_begin(runqueue_cpu);

	if (!each)
		return 0;
	each->at = all.at;
	collect(&all, each);
	vdk_bpf_commit(runqueue_cpu);
	vdk_bpf_write(runqueue, &all);
	vdk_bpf_touch();
	return 0;
}
