/* SPDX-License-Identifier: MIT */
/* What vdk bench is tried on: the good, the bad and, with another LAPS, the slow. */
#include <vdk/vdso.h>

#include "work.page.h"

#ifndef LAPS
#define LAPS 4
#endif

VDK_FUNCTION(int, work_laps, (void))
{
	for (volatile int i = 0; i < LAPS; i++)
		;
	return 666;
}

VDK_FUNCTION(int, work_read, (struct work *out))
{
	return vdk_read(work, out);
}

VDK_FUNCTION(int, work_sized, (struct work *out, size_t size))
{
	return size == sizeof(*out) ? vdk_read(work, out) : -22;
}

VDK_FUNCTION(int64_t, work_sum, (int64_t *a, int64_t *b))
{
	return *a + *b;
}

VDK_FUNCTION(int, work_times, (int number))
{
	return 3 * number;
}

VDK_FUNCTION(int, work_unknown, (const char *text))
{
	return text[0];
}

VDK_FUNCTION(int, work_crash, (void))
{
	__builtin_trap();
}

VDK_FUNCTION(int, work_hang, (void))
{
	for (;;)
		__asm__ volatile("");
}
