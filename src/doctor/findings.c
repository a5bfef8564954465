/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every finding there is: its name, what it means, and what to do about it. */
#include "doctor/examination.h"

const struct doctor_kind doctor_kinds[DOCTOR_IDS] = {
	[DOCTOR_CLOCK_SOURCE] = {"clock-source", false,
		"the kernel's clock source has no vDSO mode, so each look at the clock is a system "
		"call, and the device is slow besides",
		"choose a source with a vDSO mode, if one is available: echo tsc > "
		"/sys/devices/system/clocksource/clocksource0/current_clocksource; in a virtual "
		"machine let the hypervisor offer a paravirtual clock or an invariant TSC; where "
		"neither can be had, CLOCK_MONOTONIC_COARSE needs no system call"},
	[DOCTOR_CLOCK_FALLBACK] = {"clock-fallback", false,
		"the clock source has a vDSO mode, yet the vDSO's clock_gettime costs as much as the "
		"system call: it makes the call itself, or reading the counter traps into the "
		"hypervisor",
		"look in the kernel's messages for the clock source; under KVM the host's TSC must be "
		"stable (kvm-clock stable bit), other hypervisors must not intercept RDTSC"},
	[DOCTOR_TSC_UNSTABLE] = {"tsc-unstable", false,
		"the kernel found the processors' time stamp counters unreliable and gave up the clock "
		"source tsc",
		"update firmware; in a virtual machine turn live migration or TSC scaling problems over "
		"to the host; only where the counters are known to be good, boot with tsc=reliable"},
	[DOCTOR_BOOT_CLOCK] = {"boot-clock", false,
		"a boot option chooses a clock source without a vDSO mode, or forbids the tsc",
		"take the option off the kernel's command line and boot again"},
	[DOCTOR_BOOT_VDSO] = {"boot-vdso", false,
		"the boot option vdso=0 turns the vDSO off for every program",
		"take vdso=0 off the kernel's command line and boot again"},
	[DOCTOR_VDSO_MISSING] = {"vdso-missing", false,
		"the kernel gave the process no vDSO: its auxiliary vector has no AT_SYSINFO_EHDR",
		"look for vdso=0 among the boot options; under an emulator or a sandbox that is its "
		"decision"},
	[DOCTOR_VDSO_HIDDEN] = {"vdso-hidden", false,
		"whoever started the process took the vDSO from it: the kernel gave one, the "
		"program's own vector has none",
		"start it without `vdk run --vdso none`, novdso, rr or the like; it cannot be given "
		"back to a process that runs"},
	[DOCTOR_VDSO_FOREIGN] = {"vdso-foreign", false,
		"the process uses an image that is neither the kernel's nor vdk's",
		"find out who put it there (`vdk maps`, `vdk diff`); start the program without that "
		"tool to have the kernel's vDSO again"},
	[DOCTOR_VDSO_LOST] = {"vdso-lost", false,
		"AT_SYSINFO_EHDR leads to a place where no image is mapped: whoever looks the vDSO up "
		"now crashes",
		"the process, or a checkpointing tool, moved or unmapped it: start it anew"},
	[DOCTOR_VDSO_MODIFIED] = {"vdso-modified", false,
		"the code of the vDSO was overwritten in this process",
		"a tool that changes time by patching, a tracer that left breakpoints, or a restored "
		"checkpoint does this; start the program without it"},
	[DOCTOR_VDSO_SEALED] = {"vdso-sealed", true,
		"the kernel's mappings are sealed: tools that move, unmap or patch the vDSO fail here",
		"nothing: attaching with `vdk run` adds mappings and changes none of the kernel's"},
	[DOCTOR_SANDBOX] = {"sandbox", true,
		"the vDSO is not Linux's but gVisor's: a kernel in user space answers",
		"nothing for time functions; expect system calls to cost more than on Linux"},
	[DOCTOR_TIME_NAMESPACE] = {"time-namespace", true,
		"the process is in a time namespace of its own: another page takes the place of the "
		"kernel's variables, and the vDSO's functions add its offsets",
		"nothing: the functions work and need no system call; programs that read the kernel's "
		"variables themselves do not work"},
	[DOCTOR_SECCOMP_FILTER] = {"seccomp-filter", true,
		"a seccomp filter is installed: calls of the vDSO do not pass it, but whatever the "
		"vDSO leaves to the kernel does",
		"nothing while the vDSO is used; let the filter allow clock_gettime, gettimeofday, "
		"time and getcpu for when it is not"},
	[DOCTOR_SECCOMP_DENIES] = {"seccomp-denies", false,
		"the system call clock_gettime is refused here: a program without the vDSO, or one "
		"that asks for a clock which only the kernel has, fails",
		"let the filter allow clock_gettime, gettimeofday, time, getcpu and clock_getres"},
	[DOCTOR_TSC_DENIED] = {"tsc-denied", false,
		"prctl(PR_SET_TSC) forbids the processor's counter: the vDSO's clock functions end the "
		"program with SIGSEGV",
		"do not set PR_TSC_SIGSEGV for a program that looks at the clock, or hide the vDSO "
		"from it with `vdk run --vdso none`"},
	[DOCTOR_YAMA_ATTACH] = {"yama-attach", false,
		"the Yama security module forbids to trace, so that `vdk run` cannot attach",
		"have root set kernel.yama.ptrace_scope to 1 or less (3 holds until the next boot), or "
		"run with CAP_SYS_PTRACE"},
	[DOCTOR_YAMA_FOLLOW] = {"yama-follow", true,
		"the Yama security module allows to trace only what asks for it: `vdk run --once` "
		"works, following children and looking into other processes does not",
		"use --once, run with CAP_SYS_PTRACE, or have root set kernel.yama.ptrace_scope to 0"},
	[DOCTOR_PTRACE_DENIED] = {"ptrace-denied", false,
		"tracing one's own child is refused, so that `vdk run` cannot attach",
		"let the sandbox or container allow ptrace (docker: --cap-add SYS_PTRACE, or a seccomp "
		"profile with it)"},
	[DOCTOR_TRACED] = {"traced", true,
		"a tracer watches the process: its system calls are slow, and nobody else can attach",
		"end the tracer when it is not needed"},
	[DOCTOR_PROGRAM_32BIT] = {"program-32bit", true,
		"a 32-bit program: it has a vDSO of its own kind, and `vdk run` attaches none to it",
		"use a 64-bit build where an attached vDSO is wanted"},
	[DOCTOR_LIBC_WITHOUT] = {"libc-without", false,
		"no part of the program knows a vDSO function's name, and it contains system calls "
		"for the time: its C library makes a system call for each look at the clock",
		"link it with a C library that uses the vDSO (glibc 2.31 or later when static, musl)"},
	[DOCTOR_PRELOAD] = {"preload", false,
		"a preloaded library takes the place of the C library's time functions",
		"start the program without it in LD_PRELOAD or /etc/ld.so.preload; `vdk faketime` "
		"changes the time without a library"},
	[DOCTOR_RAW_CALLS] = {"raw-calls", false,
		"the program makes system calls for what the vDSO answers",
		"let it call clock_gettime() of the C library in the place of syscall(2) or of an "
		"instruction of its own; no vDSO, attached or not, sees such calls"},
	[DOCTOR_VSYSCALLS] = {"vsyscalls", false,
		"the program calls the fixed vsyscall page: each call traps and costs more than a "
		"system call",
		"link it with a C library of this decade; `vdk vsyscall FILE` tells where the "
		"addresses are"},
	[DOCTOR_VDK_STALE] = {"vdk-stale", false,
		"a vdk page is void: older than its publisher vouches for",
		"start its publisher again, or see why it does not write (`vdk ls`)"},
	[DOCTOR_VDK_ORPHAN] = {"vdk-orphan", false,
		"a vdk page has an update hook, but no publisher runs it",
		"start it: vdk publish NAME"},
	[DOCTOR_VDK_REPLACED] = {"vdk-replaced", true,
		"the publication has another image by now; the page is the same, so values are live",
		"start the program again to have the new functions"},
	[DOCTOR_VDK_OLD_PAGE] = {"vdk-old-page", false,
		"the publication has another page by now: nobody updates the one that the process "
		"reads",
		"start the program again"},
	[DOCTOR_VDK_GONE] = {"vdk-gone", false,
		"the publication was removed: nobody updates the page that the process reads",
		"publish it again and start the program again"},
};
