/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Is this a virtual machine, and whose? That is no finding: most virtual machines have a clock that
 * the vDSO can read. It belongs to the evidence where the clock is slow.
 */
#include <stdio.h>
#include <string.h>

#include "doctor/families.h"

/* Of /proc/cpuinfo, whose first processor stands for all, the flags. */
static bool read_flags(struct doctor *doctor, char *flags, size_t size)
{
	/* A kilobyte and a half for each processor, and some machines have thousands. */
	static char text[8 << 20];
	const int length = doctor_text(doctor, "proc/cpuinfo", '?', text, sizeof(text));
	char *at;

	if (length < 0) {
		doctor_unknown(doctor, "/proc/cpuinfo", length, "virtualisation and the counter's kind");
		return false;
	}
	at = strstr(text, "\nflags");
	at = at ? strchr(at + 1, ':') : NULL;
	if (!at)
		return false;
	snprintf(flags, size, "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
	return true;
}

static void add_evidence(struct doctor *doctor, const char *where, const char *what)
{
	for (size_t i = 0; i < doctor->finding_count; i++)
		if (doctor->findings[i].id == DOCTOR_CLOCK_SOURCE ||
		    doctor->findings[i].id == DOCTOR_CLOCK_FALLBACK)
			doctor_evidence(&doctor->findings[i], where, "%s", what);
}

void doctor_see_machine(struct doctor *doctor)
{
	static const char *const names[] = {"sys/hypervisor/type", "sys/class/dmi/id/sys_vendor",
	                                    "sys/class/dmi/id/product_name"};
	char flags[8192], text[96], where[64], all[256] = "";
	bool virtual;

	if (!read_flags(doctor, flags, sizeof(flags)))
		return;
	virtual = doctor_word(flags, "hypervisor");
	if (virtual)
		add_evidence(doctor, "/proc/cpuinfo", "flags: hypervisor (a virtual machine)");
	if (!doctor_word(flags, "constant_tsc") || !doctor_word(flags, "nonstop_tsc"))
		add_evidence(doctor, "/proc/cpuinfo",
		             "flags: constant_tsc and nonstop_tsc are not both there: the counter's "
		             "rate may change");
	/* Absent on many machines: then they just tell nothing. */
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const size_t used = strlen(all);

		if (doctor_text(doctor, names[i], '?', text, sizeof(text)) <= 0)
			continue;
		snprintf(where, sizeof(where), "/%s", names[i]);
		if (virtual)
			add_evidence(doctor, where, text);
		snprintf(all + used, sizeof(all) - used, "%s%s", used ? ", " : "", text);
	}
	if (virtual)
		doctor_fact(doctor, "machine", "virtual%s%s", *all ? ": " : "", all);
}
