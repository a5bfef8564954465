/* SPDX-License-Identifier: MIT */
/* Functions that return the count of a record, or -5 (EIO) for one that was torn. */
#include <vdk/vdso.h>

#include "torn.page.h"

#define EIO 5

VDK_FUNCTION(long, torn_small, (void))
{
	struct small now;
	const int error = vdk_read(small, &now);

	if (error)
		return error;
	return now.three_times == 3 * now.count ? (long)now.count : -EIO;
}

VDK_FUNCTION(long, torn_large, (void))
{
	struct large now;
	const int error = vdk_read(large, &now);

	if (error)
		return error;
	for (uint32_t i = 0; i < LARGE_WORDS; i++)
		if (now.word[i] != now.count + i)
			return -EIO;
	return (long)now.count;
}

VDK_FUNCTION(long, torn_dropped, (void))
{
	struct dropped now;
	const int error = vdk_read(dropped, &now);

	return error ? error : (long)(now.small + now.large);
}
