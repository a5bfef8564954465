/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_MEASURE_CALLS_H
#define VDK_MEASURE_CALLS_H

/*
 * What others are measured beside: an empty function, and system calls as bare instructions, without
 * a libc's wrapper. Errors are as the kernel gives them. arch/CPU/calls.S has them.
 */

#include <stddef.h>
#include <sys/time.h>
#include <time.h>

void measure_nothing(void);
int measure_raw_clock_gettime(int clock, struct timespec *time);
int measure_raw_clock_getres(int clock, struct timespec *time);
int measure_raw_gettimeofday(struct timeval *time, void *zone);
long measure_raw_time(long *time);
long measure_raw_getcpu(unsigned *cpu, unsigned *node, void *unused);
long measure_raw_getrandom(void *to, size_t size, unsigned flags);
int measure_raw_getppid(void);

#endif
