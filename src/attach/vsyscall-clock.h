/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_VSYSCALL_CLOCK_H
#define VDK_ATTACH_VSYSCALL_CLOCK_H

/*
 * What the attached image says, asked by the tracer in its own memory: the image and its page are
 * mapped here as they are in the program. So a call is answered at one stop, and nothing of the
 * program's is used for it, neither its stack nor its registers: as by the kernel's emulation, no
 * signal and no single step ever lands in the middle.
 *
 * An image that crashes here is not asked again; from then on the kernel answers.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>

struct vdk_inject;

struct vdk_vsyscall_clock {
	int (*gettimeofday)(struct timeval *tv, struct timezone *tz);
	long (*time)(long *t);
};

/*
 * Map the image, or do without one. The mapping stays for the life of the process, which from then
 * on catches its own SIGSEGV, SIGBUS, SIGILL and SIGFPE. Where there is no image, or it has no such
 * function, or it cannot be mapped, the clock is the kernel's.
 */
void vdk_vsyscall_clock_open(const struct vdk_inject *inject, struct vdk_vsyscall_clock *ret);

/* As the system calls, and never a fault: NULL is allowed. */
int vdk_vsyscall_gettimeofday(struct vdk_vsyscall_clock *clock, struct timeval *tv,
                              struct timezone *tz);
long vdk_vsyscall_time(struct vdk_vsyscall_clock *clock);

/* Where the stopped thread ran last, which is where it is unless it is moved while it wakes up. */
void vdk_vsyscall_getcpu(int tid, uint32_t *ret_cpu, uint32_t *ret_node);

#endif
