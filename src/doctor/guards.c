/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who may stand in the way: seccomp filters, the Yama security module, a tracer, PR_SET_TSC. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach/rights.h"
#include "doctor/families.h"

#define STATUS_MAX 16384
#define YAMA "proc/sys/kernel/yama/ptrace_scope"

static void see_filter(struct doctor *doctor, const char *status, const char *path)
{
	struct doctor_finding *finding;
	char mode[16], filters[16] = "?";

	if (!doctor_field(status, "Seccomp", mode, sizeof(mode)) || !strcmp(mode, "0"))
		return;
	/* Since Linux 5.9. One of them counts for us, where we started the program. */
	if (doctor_field(status, "Seccomp_filters", filters, sizeof(filters)) &&
	    doctor->calls.filtered) {
		if (atoi(filters) <= 1)
			return;
		snprintf(filters, sizeof(filters), "%d", atoi(filters) - 1);
	}
	finding = doctor_find(doctor, DOCTOR_SECCOMP_FILTER);
	doctor_evidence(finding, path, "Seccomp: %s (%s), Seccomp_filters: %s", mode,
	                strcmp(mode, "1") ? "filters" : "strict", filters);
	doctor_cost(finding, doctor->own && doctor->measured.syscall >= 0
	                     ? "a system call with the filter takes %.0f ns"
	                     : "nothing for the vDSO; what the filter adds to a system call of that "
	                       "process is not measured",
	            doctor->measured.syscall);
}

static void see_tracer(struct doctor *doctor, const char *status, const char *path)
{
	struct doctor_finding *finding;
	char tracer[16];

	/* Our own counting is no finding. */
	if (!doctor_field(status, "TracerPid", tracer, sizeof(tracer)) || atoi(tracer) <= 0 ||
	    (!doctor->fake && atoi(tracer) == getpid()))
		return;
	finding = doctor_find(doctor, DOCTOR_TRACED);
	doctor_evidence(finding, path, "TracerPid: %s", tracer);
	doctor_cost(finding, "nothing for the vDSO; system calls may stop the process twice");
}

static void see_refusals(struct doctor *doctor)
{
	const struct doctor_measured *measured = &doctor->measured;
	struct doctor_finding *finding;

	if (measured->raw_call != DOCTOR_NOT_TRIED && measured->raw_call != 0) {
		finding = doctor_find(doctor, DOCTOR_SECCOMP_DENIES);
		if (measured->raw_call > 0)
			doctor_evidence(finding, "tried now", "clock_gettime(CLOCK_MONOTONIC): %s",
			                strerror(measured->raw_call));
		else
			doctor_evidence(finding, "tried now", "clock_gettime(CLOCK_MONOTONIC): the child "
			                "was ended by signal %d (%s)", -measured->raw_call,
			                strsignal(-measured->raw_call));
		doctor_cost(finding, "not of time: the call fails");
	}
	if (measured->tsc_denied || doctor->calls.tsc_denials) {
		finding = doctor_find(doctor, DOCTOR_TSC_DENIED);
		if (measured->tsc_denied)
			doctor_evidence(finding, "prctl(PR_GET_TSC)", "PR_TSC_SIGSEGV");
		else
			doctor_evidence(finding, "counted", "prctl(PR_SET_TSC, PR_TSC_SIGSEGV): %llu times",
			                (unsigned long long)doctor->calls.tsc_denials);
		doctor_cost(finding, "not of time: the program ends");
	}
	if (measured->ptrace != DOCTOR_NOT_TRIED && measured->ptrace != 0 &&
	    !doctor_found(doctor, DOCTOR_YAMA_ATTACH)) {
		finding = doctor_find(doctor, DOCTOR_PTRACE_DENIED);
		doctor_evidence(finding, "tried now", "ptrace(PTRACE_TRACEME) in a child: %s",
		                strerror(measured->ptrace));
		doctor_cost(finding, "not of time: nothing can be attached");
	}
}

/* May whoever asks the doctor trace anything, by capability? */
static bool is_privileged(struct doctor *doctor)
{
	char status[STATUS_MAX], mask[32];
	const int length = doctor_text(doctor, "proc/self/status", '?', status, sizeof(status));

	return length > 0 && doctor_field(status, "CapEff", mask, sizeof(mask)) &&
	       strtoull(mask, NULL, 16) >> VDK_CAP_SYS_PTRACE & 1;
}

static void see_yama(struct doctor *doctor)
{
	struct vdk_report report = {0};
	struct doctor_finding *finding;
	char scope[16];
	bool privileged;
	const int length = doctor_text(doctor, YAMA, '?', scope, sizeof(scope));
	enum doctor_id id;

	if (length == -ENOENT) /* no Yama in this kernel */
		return;
	if (length < 0) {
		doctor_unknown(doctor, "/" YAMA, length, "what Yama allows");
		return;
	}
	privileged = is_privileged(doctor);
	if (vdk_yama_verdict(atoi(scope), privileged, false, &report))
		id = DOCTOR_YAMA_ATTACH;
	else if (vdk_yama_verdict(atoi(scope), privileged, true, &report))
		id = DOCTOR_YAMA_FOLLOW;
	else
		return;
	finding = doctor_find(doctor, id);
	doctor_evidence(finding, "/" YAMA, "%s", scope);
	doctor_evidence(finding, "/proc/self/status", "CapEff: %s CAP_SYS_PTRACE",
	                privileged ? "with" : "without");
	doctor_cost(finding, "nothing for the vDSO: it is about attaching another one");
}

void doctor_see_guards(struct doctor *doctor)
{
	char status[STATUS_MAX], path[64];
	const int length = doctor_text(doctor, doctor_process_path(doctor, "status", path), '?', status,
	                               sizeof(status));

	if (length < 0) {
		doctor_unknown(doctor, path, length, "its seccomp mode and its tracer");
	} else {
		see_filter(doctor, status, path);
		see_tracer(doctor, status, path);
	}
	see_yama(doctor);
	see_refusals(doctor);
}
