/* SPDX-License-Identifier: MIT */
#include <vdk/vdso.h>

#include "other.page.h"

VDK_FUNCTION(int64_t, sample_count, (void))
{
	struct pair now;
	const int error = vdk_read(pair, &now);

	return error ? error : (int64_t)now.count;
}
