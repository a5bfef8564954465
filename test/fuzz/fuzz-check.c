/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libFuzzer target: any bytes at all are held to every rule. run-fuzz.sh brings seeds. */
#include <vdk/check.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vdk_check_options options = { .size = sizeof(options) };
	struct vdk_check_result *result = NULL;

	options.profile = size % 3;
	if (vdk_check_memory(data, size, &options, &result, NULL) != 0)
		abort();
	if (vdk_check_unlooked(result) && !vdk_check_count(result, VDK_CHECK_OFF))
		abort();
	vdk_check_free(result);
	return 0;
}
