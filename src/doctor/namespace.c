/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Is the process in a time namespace of its own? The kernel has them since Linux 5.6. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/families.h"
#include "inspect/process.h"

/* PROC_TIME_INIT_INO of include/linux/proc_ns.h: the first one has it on all kernels. */
#define FIRST_TIME_NAMESPACE 0xEFFFFFFAul

static bool has_offset(const char *text)
{
	long long seconds, nanoseconds;
	char name[16];
	int used;

	for (; sscanf(text, "%15s %lld %lld%n", name, &seconds, &nanoseconds, &used) == 3; text += used)
		if (seconds || nanoseconds)
			return true;
	return false;
}

void doctor_see_namespace(struct doctor *doctor)
{
	char path[64], link[64], offsets[256];
	const ssize_t length = readlinkat(doctor->process->dir_fd, "ns/time", link, sizeof(link) - 1);
	struct doctor_finding *finding;
	unsigned long number = FIRST_TIME_NAMESPACE;
	int got;

	if (length < 0) {
		/* Before Linux 5.6, or without CONFIG_TIME_NS, there is but one. */
		if (errno != ENOENT)
			doctor_unknown(doctor, doctor_process_path(doctor, "ns/time", path), -errno,
			               "its time namespace");
		return;
	}
	link[length] = '\0';
	sscanf(link, "time:[%lu]", &number);
	got = doctor_text(doctor, doctor_process_path(doctor, "timens_offsets", path), '?', offsets,
	                  sizeof(offsets));
	if (got < 0)
		offsets[0] = '\0';
	if (number == FIRST_TIME_NAMESPACE && !has_offset(offsets))
		return;
	for (char *c = offsets; *c; c++)
		if (*c == '\n')
			*c = ';';
	finding = doctor_find(doctor, DOCTOR_TIME_NAMESPACE);
	doctor_evidence(finding, doctor_process_path(doctor, "ns/time", path),
	                "number %lu; the first one has %lu", number, FIRST_TIME_NAMESPACE);
	if (*offsets)
		doctor_evidence(finding, doctor_process_path(doctor, "timens_offsets", path), "%s",
		                offsets);
	if (doctor->own && doctor->measured.vdso >= 0) {
		finding->cost_ns = 0;
		doctor_cost(finding, "none worth telling: a call takes %.0f ns in it",
		            doctor->measured.vdso);
	} else {
		doctor_cost(finding, "a few additions a call; not measured from outside");
	}
}
