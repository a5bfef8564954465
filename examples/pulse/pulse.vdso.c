/* SPDX-License-Identifier: MIT */
/* pulse - how regularly the page is updated: by `vdk publish`, or by a kernel's timekeeping. */
#include <vdk/vdso.h>

#include "pulse.page.h"

/* The whole record; 0, or a negative errno as in vdk_read(). */
VDK_FUNCTION(int, pulse_read, (struct pulse *pulse))
{
	struct pulse now;
	const int error = vdk_read(pulse, &now);

	if (!error)
		*pulse = now;
	return error;
}

/* The mean pause in ns; 0 as long as there was none. */
VDK_FUNCTION(int64_t, pulse_mean, (void))
{
	struct pulse now;

	if (vdk_read(pulse, &now) || now.count < 2)
		return 0;
	return now.sum / (now.count - 1);
}
