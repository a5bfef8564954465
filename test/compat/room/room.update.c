/* SPDX-License-Identifier: MIT */
#include <vdk/update.h>
#include "room.page.h"

VDK_UPDATE(u)
{
	struct room now;

	vdk_last(u, room, &now);
	now.updates++;
	vdk_write(u, room, &now);
}
