/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Boot options that decide about the vDSO. An option is a finding only where what it asks for is
 * what one sees: vdso=0 and no AT_SYSINFO_EHDR, notsc and another clock source. The last of
 * several counts, as the kernel takes them.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/families.h"

/* A command line may have 2048 bytes on x86 (COMMAND_LINE_SIZE); a boot loader's may be longer. */
#define COMMAND_LINE_MAX 16384

static const char *const shown[] = {
	"vdso=", "vdso32=", "vsyscall=", "tsc=", "notsc", "clocksource=", "hpet=", "nohpet", "nopti",
	"pti=", "mitigations=", "no-kvmclock", "no-kvmclock-vsyscall", "nopv", "tsc_early_khz=",
};

static bool is_shown(const char *word)
{
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		const size_t length = strlen(shown[i]);

		if (shown[i][length - 1] == '=' ? !strncmp(word, shown[i], length) : !strcmp(word, shown[i]))
			return true;
	}
	return false;
}

struct options {
	const char *vdso, *clocksource; /* the last one of each; NULL: none */
	const char *tsc;                /* the last one that gives the tsc up */
	char all[256];
};

static void take_option(struct options *options, const char *word)
{
	const size_t used = strlen(options->all);

	if (is_shown(word))
		snprintf(options->all + used, sizeof(options->all) - used, "%s%s", used ? " " : "",
		         word);
	if (!strncmp(word, "vdso=", 5))
		options->vdso = word;
	else if (!strncmp(word, "clocksource=", 12))
		options->clocksource = word;
	else if (!strcmp(word, "notsc") || !strcmp(word, "tsc=unstable"))
		options->tsc = word;
}

static void see_vdso(struct doctor *doctor, const char *option)
{
	struct doctor_finding *finding;
	uint64_t address = 0;

	/* The kernel reads a number (vdso_setup()); what is none is 0, too. */
	if (!option || strtoul(option + 5, NULL, 0) != 0 || !doctor->has_auxv)
		return;
	if (vdk_auxv_find(doctor->auxv.saved, doctor->auxv.saved_count, AT_SYSINFO_EHDR, &address) &&
	    address)
		return;
	finding = doctor_find(doctor, DOCTOR_BOOT_VDSO);
	doctor_evidence(finding, "/proc/cmdline", "%s", option);
	doctor_cost_of_fallback(doctor, finding);
}

static void see_clock(struct doctor *doctor, const char *option)
{
	struct doctor_finding *finding = doctor_find(doctor, DOCTOR_BOOT_CLOCK);

	doctor_evidence(finding, "/proc/cmdline", "%s", option);
	doctor_evidence(finding, "/sys/devices/system/clocksource/clocksource0/current_clocksource",
	                "%s", doctor->clock_current);
	doctor_cost_of_fallback(doctor, finding);
}

void doctor_see_boot(struct doctor *doctor)
{
	static char line[COMMAND_LINE_MAX];
	const int length = doctor_text(doctor, "proc/cmdline", ' ', line, sizeof(line));
	struct options options = {0};
	char *next = NULL;

	if (length < 0) {
		doctor_unknown(doctor, "/proc/cmdline", length, "the boot options");
		return;
	}
	for (char *word = strtok_r(line, " \t\n", &next); word; word = strtok_r(NULL, " \t\n", &next)) {
		/* What follows is for the first program. */
		if (!strcmp(word, "--"))
			break;
		take_option(&options, word);
	}
	if (*options.all)
		doctor_fact(doctor, "boot options", "%s", options.all);
	see_vdso(doctor, options.vdso);
	if (!doctor_found(doctor, DOCTOR_CLOCK_SOURCE))
		return;
	if (options.clocksource && !strcmp(options.clocksource + 12, doctor->clock_current))
		see_clock(doctor, options.clocksource);
	else if (options.tsc)
		see_clock(doctor, options.tsc);
}
