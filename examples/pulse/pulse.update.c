/* SPDX-License-Identifier: MIT */
#include <vdk/update.h>

#include "pulse.page.h"

VDK_UPDATE(u)
{
	static struct pulse now;
	const uint64_t pause = now.count ? u->now - now.last : 0;

	if (!now.count)
		now.first = u->now;
	if (now.count == 1 || pause < now.shortest)
		now.shortest = pause;
	if (pause > now.longest)
		now.longest = pause;
	now.sum += pause;
	now.last = u->now;
	now.count++;
	vdk_write(u, pulse, &now);
}
