/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The clock source. A vDSO can only answer from a counter that it can read itself; with any other
 * source its functions make the system call. What a source's name promises is held against what a
 * call costs: a name alone is no finding.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "doctor/families.h"
#include "doctor-arch.h"

#define CLOCKSOURCE "sys/devices/system/clocksource/clocksource0/"

/* A vDSO that works costs a small part of a system call; one that makes it costs all of it. */
#define FALLBACK_RATIO 0.7

static bool is_capable(const char *name)
{
	for (size_t i = 0; i < sizeof(doctor_capable_clocks) / sizeof(doctor_capable_clocks[0]); i++)
		if (!strcmp(name, doctor_capable_clocks[i]))
			return true;
	return false;
}

static bool was_measured(const struct doctor_measured *measured)
{
	return measured->vdso >= 0 && measured->syscall > 0;
}

static bool falls_back(const struct doctor_measured *measured)
{
	return was_measured(measured) && measured->vdso > FALLBACK_RATIO * measured->syscall;
}

static void add_measured(const struct doctor *doctor, struct doctor_finding *finding)
{
	const struct doctor_measured *measured = &doctor->measured;

	if (!was_measured(measured))
		return;
	doctor_evidence(finding, "measured now", "clock_gettime by the vDSO %.0f ns, by the system "
	                "call %.0f ns", measured->vdso, measured->syscall);
	if (measured->coarse >= 0)
		doctor_evidence(finding, "measured now", "CLOCK_MONOTONIC_COARSE by the vDSO %.0f ns",
		                measured->coarse);
}

static void read_sources(struct doctor *doctor)
{
	int length = doctor_text(doctor, CLOCKSOURCE "current_clocksource", '?',
	                         doctor->clock_current, sizeof(doctor->clock_current));

	if (length < 0) {
		doctor->clock_current[0] = '\0';
		doctor_unknown(doctor, "/" CLOCKSOURCE "current_clocksource", length, "the clock source");
		return;
	}
	length = doctor_text(doctor, CLOCKSOURCE "available_clocksource", '?',
	                     doctor->clock_available, sizeof(doctor->clock_available));
	if (length < 0) {
		doctor->clock_available[0] = '\0';
		doctor_unknown(doctor, "/" CLOCKSOURCE "available_clocksource", length,
		               "the other clock sources");
	}
	doctor->clock_capable = is_capable(doctor->clock_current);
	doctor_fact(doctor, "clock source", "%s%s; available: %s", doctor->clock_current,
	            doctor->clock_capable ? "" : " (no vDSO mode)", doctor->clock_available);
}

/* What the kernel says of its tsc. Drivers and programs write lines, too: so whole phrases. */
static bool is_unstable_message(const char *line)
{
	return strstr(line, "Marking TSC unstable") ||
	       strstr(line, "Marking clocksource 'tsc' as unstable") ||
	       strstr(line, "TSC found unstable after boot");
}

/* A record of /dev/kmsg, or a whole fake of it: "6,123,456,-;TEXT". */
static bool take_messages(char *text, char *found, size_t size)
{
	char *next = NULL;

	for (char *line = strtok_r(text, "\n", &next); line; line = strtok_r(NULL, "\n", &next))
		if (is_unstable_message(line)) {
			const char *semicolon = strchr(line, ';');

			snprintf(found, size, "%s", semicolon ? semicolon + 1 : line);
			return true;
		}
	return false;
}

/* The running kernel's ring: one record a read, so many at most, never waiting for another. */
static int search_ring(char *found, size_t size)
{
	vdk_cleanup_close int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[8192];

	if (fd < 0)
		return -errno;
	for (int i = 0; i < 100000; i++) {
		const ssize_t got = read(fd, record, sizeof(record) - 1);

		if (got < 0 && errno == EPIPE) /* overwritten meanwhile: on with the next one */
			continue;
		if (got < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (got == 0)
			return 0;
		record[got] = '\0';
		if (take_messages(record, found, size))
			return 1;
	}
	return 0;
}

static int search_messages(const struct doctor *doctor, char *found, size_t size)
{
	static char text[1 << 20];
	int length;

	if (!doctor->fake)
		return search_ring(found, size);
	length = doctor_text(doctor, "dev/kmsg", '?', text, sizeof(text));
	return length < 0 ? length : take_messages(text, found, size);
}

static void see_messages(struct doctor *doctor)
{
	char message[200], online[64];
	const int result = search_messages(doctor, message, sizeof(message));
	struct doctor_finding *finding;

	if (result == 0)
		return;
	if (result < 0) {
		doctor_unknown(doctor, "/dev/kmsg", result, "what the kernel said of its tsc");
		return;
	}
	finding = doctor_find(doctor, DOCTOR_TSC_UNSTABLE);
	doctor_evidence(finding, "/dev/kmsg", "%s", message);
	if (doctor_text(doctor, "sys/devices/system/cpu/online", '?', online, sizeof(online)) > 0)
		doctor_evidence(finding, "/sys/devices/system/cpu/online", "%s", online);
	doctor_cost_of_fallback(doctor, finding);
}

void doctor_see_clock(struct doctor *doctor)
{
	const struct doctor_measured *measured = &doctor->measured;
	struct doctor_finding *finding;

	read_sources(doctor);
	if (was_measured(measured))
		doctor_fact(doctor, "clock_gettime", "by the vDSO %.1f ns, by the system call %.1f ns",
		            measured->vdso, measured->syscall);
	else if (!doctor->fake)
		doctor_unknown(doctor, "clock_gettime", 0, measured->vdso < 0
		               ? "not measured: no vDSO function to call, or it ended the child that called it"
		               : "not measured: the system call is refused");
	if (!*doctor->clock_current)
		return;
	if (!doctor->clock_capable && (!was_measured(measured) || falls_back(measured))) {
		finding = doctor_find(doctor, DOCTOR_CLOCK_SOURCE);
		doctor_evidence(finding, "/" CLOCKSOURCE "current_clocksource", "%s",
		                doctor->clock_current);
		if (*doctor->clock_available)
			doctor_evidence(finding, "/" CLOCKSOURCE "available_clocksource", "%s",
			                doctor->clock_available);
	} else if (doctor->clock_capable && falls_back(measured)) {
		finding = doctor_find(doctor, DOCTOR_CLOCK_FALLBACK);
		doctor_evidence(finding, "/" CLOCKSOURCE "current_clocksource", "%s",
		                doctor->clock_current);
	} else {
		return;
	}
	add_measured(doctor, finding);
	doctor_cost_of_fallback(doctor, finding);
	if (!doctor->clock_capable)
		see_messages(doctor);
}
