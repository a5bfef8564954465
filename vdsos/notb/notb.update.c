/* SPDX-License-Identifier: MIT */
/*
 * The article's kernel hunk `vnotb = 666` in update_vsyscall(): the number is published anew at
 * each update, by `vdk publish` in user space or by a kernel that has notb baked in.
 */
#include <vdk/update.h>

#include "notb.page.h"

VDK_UPDATE(u)
{
	struct notb now = {666};

	vdk_write(u, notb, &now);
}
