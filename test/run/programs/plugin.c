/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* plugin - what loads.c loads. */
#include <time.h>

long plugin_seconds(void);

long plugin_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}
