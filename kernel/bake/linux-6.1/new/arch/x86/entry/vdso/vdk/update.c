// SPDX-License-Identifier: GPL-2.0
/*
 * The records of the vDSOs that are baked in, and the calls of their update hooks.
 *
 * Made by `vdk bake`, which writes this file anew when another vDSO is added.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/timekeeper_internal.h>

#include <vdk/update.h>

#include "hooks.h"
%each header
#include "@path@"
%end

/*
 * In the vvar page, where asm/vvar.h says. Zeroes mean "never written": the first update, early at
 * boot, writes the first values.
 */
%each record
struct vdk_slot_@name@ vdk_record_@name@ __section(".vvar_vdk_record_@name@") __visible;
%end

/* Called by update_vsyscall() inside of the seqcount of the kernel's own vDSO data. */
void vdk_update_vsyscall(const struct timekeeper *tk)
{
	static u64 count;
	struct vdk_update update = {
		.now = ktime_to_ns(tk->tkr_mono.base) +
		       (tk->tkr_mono.xtime_nsec >> tk->tkr_mono.shift),
		.period = TICK_NSEC,
		.count = count++,
		.epoch = 1,
	};

%each hook
	@name@(&update);
%end
}
