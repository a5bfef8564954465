/* SPDX-License-Identifier: MIT */
#include <vdk/vdso.h>
#include "room.page.h"

/* People, or a negative errno. */
VDK_FUNCTION(int, room_people, (void))
{
	struct room now;
	const int error = vdk_read(room, &now);

	return error ? error : now.people;
}

VDK_FUNCTION(int64_t, room_highest, (void))
{
	int64_t highest;

	return vdk_read_field(limits, highest, &highest) ? -1 : highest;
}
