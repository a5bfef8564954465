/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_DOCTOR_ARCH_H
#define VDK_DOCTOR_ARCH_H

/* What the doctor knows of x86-64. */

#include <elf.h>
#include <linux/audit.h>
#include <stddef.h>

#define DOCTOR_AUDIT_ARCH AUDIT_ARCH_X86_64
#define DOCTOR_ELF_MACHINE EM_X86_64

/*
 * Clock sources with a vDSO mode (VDSO_CLOCKMODE_ in arch/x86/include/asm/vdso/clocksource.h). The
 * kernel's tsc-early is the tsc before it was calibrated and has the mode, too.
 */
static const char *const doctor_capable_clocks[] = {
	"tsc", "tsc-early", "kvm-clock", "hyperv_clocksource_tsc_page",
};

/* The system calls that a vDSO function takes the place of. */
static const struct {
	long number;
	const char *name;
	bool by_clock; /* its first argument is a clock's number */
} doctor_time_calls[] = {
	{228, "clock_gettime", true}, {96, "gettimeofday", false}, {201, "time", false},
	{309, "getcpu", false},       {229, "clock_getres", true},
};

#define DOCTOR_TIME_CALLS (sizeof(doctor_time_calls) / sizeof(doctor_time_calls[0]))

/* gVisor links its own vDSO at this address (vdso/vdso_amd64.lds); Linux links at 0. */
#define DOCTOR_GVISOR_BASE UINT64_C(0xffffffffff700000)

#endif
