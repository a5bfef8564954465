/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_LOOK_COST_H
#define VDK_TOOL_LOOK_COST_H

#include <stdint.h>

/* One call of gettimeofday by each of the three ways, in ns; negative: it cannot be done. */
struct look_cost {
	double vsyscall, vdso, syscall;
};

/*
 * Measured in a child, since a call to the page is fatal where the kernel does not serve it; takes
 * some milliseconds. A way that could not be measured is negative.
 */
struct look_cost look_cost(void);

/* One clock_gettime: by the kernel's vDSO, exact and coarse, and by system call; a vsyscall. */
struct look_clock_cost {
	double vdso, coarse, syscall, vsyscall;
};

struct look_clock_cost look_clock_cost(void);

#endif
