/* SPDX-License-Identifier: MIT */
#include <vdk/vdso.h>

#include "sample.page.h"

VDK_FUNCTION(int64_t, sample_count, (void))
{
	struct pair now;
	const int error = vdk_read(pair, &now);

	return error ? error : (int64_t)now.count;
}

VDK_FUNCTION(int, sample_pair, (struct pair *now))
{
	return vdk_read(pair, now);
}

VDK_FUNCTION(int, sample_wide, (struct wide *now))
{
	return vdk_read(wide, now);
}

VDK_FUNCTION(int, sample_void, (int64_t monotonic))
{
	return vdk_void(monotonic);
}
