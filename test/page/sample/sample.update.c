/* SPDX-License-Identifier: MIT */
/* Counts its calls, so that a test sees the hook run, and fails on request of the page itself. */
#include <vdk/update.h>

#include "sample.page.h"

VDK_UPDATE(u)
{
	struct wide asked;
	struct pair now;

	vdk_last(u, wide, &asked);
	if (asked.flag) {
		vdk_update_fail(u, -5);
		return;
	}
	vdk_last(u, pair, &now);
	now.count++;
	now.inverse = ~now.count;
	now.triple = 3 * now.count;
	vdk_write(u, pair, &now);
}
