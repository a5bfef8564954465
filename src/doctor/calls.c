/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What was counted: time calls that reached the kernel. Those that come out of the vDSO itself, or
 * from a process without one, belong to the finding that explains them. The rest is the program's
 * own doing, and worth a finding only if it costs a thousandth of the processor time at least: of
 * the time on the clock most goes into the stops where a tracer counts. A program that does next
 * to nothing is left alone.
 */
#include <inttypes.h>
#include <stdio.h>

#include "doctor/families.h"

#define CALLS_MIN 100
#define CPU_PART_MIN 0.001
#define TIME_PART_MIN 0.00001
#define CPU_TICK 0.01 /* what processor time is told to */
#define EACH_NS 100   /* where no cost is known; few machines have cheaper system calls */

static uint64_t sum(const struct doctor_calls *calls, enum doctor_origin origin)
{
	uint64_t count = 0;

	for (size_t i = 0; i < calls->caller_count; i++)
		if (calls->callers[i].origin == origin)
			count += calls->callers[i].count;
	return count;
}

/* Findings that say why a call of a function ends in the kernel. */
static struct doctor_finding *find_reason(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->finding_count; i++)
		switch (doctor->findings[i].id) {
		case DOCTOR_CLOCK_SOURCE: case DOCTOR_CLOCK_FALLBACK: case DOCTOR_BOOT_VDSO:
		case DOCTOR_VDSO_MISSING: case DOCTOR_VDSO_HIDDEN: case DOCTOR_LIBC_WITHOUT:
			return &doctor->findings[i];
		default:
			break;
		}
	return NULL;
}

static double extra(const struct doctor_measured *measured)
{
	if (measured->vdso < 0 || measured->syscall < 0 || measured->vdso > measured->syscall)
		return -1;
	return measured->syscall - measured->vdso;
}

static bool is_worth(const struct doctor *doctor, uint64_t count)
{
	const double known = extra(&doctor->measured);
	const double cost = (double)count * (known >= 0 ? known : EACH_NS) / 1e9;
	const double cpu = doctor->calls.cpu_seconds;

	return count >= CALLS_MIN && cost >= CPU_PART_MIN * (cpu > CPU_TICK ? cpu : CPU_TICK) &&
	       cost >= TIME_PART_MIN * doctor->calls.seconds;
}

static void add_callers(const struct doctor_calls *calls, struct doctor_finding *finding,
                        enum doctor_origin origin)
{
	for (size_t i = 0; i < calls->caller_count; i++)
		if (calls->callers[i].origin == origin)
			doctor_evidence(finding, calls->method, "%" PRIu64 " times %s%s%s in %.2f s",
			                calls->callers[i].count, calls->callers[i].function,
			                *calls->callers[i].from ? " from " : "",
			                calls->callers[i].from, calls->seconds);
}

static void cost_of_calls(const struct doctor *doctor, struct doctor_finding *finding,
                          uint64_t count, double each)
{
	if (each < 0) {
		doctor_cost(finding, "not measured here");
		return;
	}
	finding->cost_ns = each;
	doctor_cost(finding, "%.0f ns a call more than the vDSO: %.3g ms for %" PRIu64 " calls", each,
	            (double)count * each / 1e6, count);
}

static void see_raw(struct doctor *doctor, enum doctor_origin origin)
{
	const uint64_t count = sum(&doctor->calls, origin);
	struct doctor_finding *reason = find_reason(doctor), *finding;

	if (reason) {
		add_callers(&doctor->calls, reason, origin);
		return;
	}
	if (origin == DOCTOR_BY_VDSO || !is_worth(doctor, count))
		return;
	finding = doctor_find(doctor, DOCTOR_RAW_CALLS);
	add_callers(&doctor->calls, finding, origin);
	cost_of_calls(doctor, finding, count, extra(&doctor->measured));
}

static void see_vsyscalls(struct doctor *doctor)
{
	const uint64_t count = sum(&doctor->calls, DOCTOR_BY_VSYSCALL);
	const struct doctor_measured *measured = &doctor->measured;
	struct doctor_finding *finding;

	/* One call is enough: where the page is not served it is the last one. */
	if (count == 0)
		return;
	finding = doctor_find(doctor, DOCTOR_VSYSCALLS);
	add_callers(&doctor->calls, finding, DOCTOR_BY_VSYSCALL);
	cost_of_calls(doctor, finding, count, measured->vsyscall < 0 || measured->vdso < 0
	                                              ? -1 : measured->vsyscall - measured->vdso);
}

void doctor_see_calls(struct doctor *doctor)
{
	const struct doctor_calls *calls = &doctor->calls;
	uint64_t all = 0;

	if (!calls->method)
		return;
	for (size_t i = 0; i < calls->caller_count; i++)
		all += calls->callers[i].count;
	doctor_fact(doctor, "time calls that reached the kernel",
	            "%" PRIu64 " in %.2f s (%.2f s on processors), and %" PRIu64 " for clocks that "
	            "only the kernel has; counted with %s", all, calls->seconds, calls->cpu_seconds,
	            calls->needed, calls->method);
	see_raw(doctor, DOCTOR_BY_VDSO);
	see_raw(doctor, DOCTOR_BY_CODE);
	see_raw(doctor, DOCTOR_BY_UNKNOWN);
	see_vsyscalls(doctor);
}
