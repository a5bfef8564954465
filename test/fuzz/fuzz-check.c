/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libFuzzer target: any bytes at all are held to every rule. run-fuzz.sh brings seeds. */
#include <vdk/check.h>

#include "fuzz.h"

/* What callers print is there, printable, and says where in the file. */
static void hold(const struct vdk_check_result *result, size_t size)
{
	const struct vdk_check_function *function;
	const struct vdk_check_finding *finding;

	for (size_t i = 0; (finding = vdk_check_finding(result, i)); i++) {
		if (!finding->rule || !*finding->message ||
		    (finding->offset > size && finding->offset != VDK_CHECK_NO_OFFSET))
			abort();
		for (const char *at = finding->found; *at; at++)
			if (*at < ' ' || *at == 0x7f)
				abort();
	}
	for (size_t i = 0; (function = vdk_check_function(result, i)); i++)
		if (function->stack_total < function->stack)
			abort();
	if (vdk_check_size(result) != size || vdk_check_profile(result) == VDK_CHECK_AUTO)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vdk_check_options options = { .size = sizeof(options) };
	struct vdk_check_result *result = NULL;

	options.profile = size % 3;
	options.stack_limit = size % 5 ? 0 : 64;
	if (vdk_check_memory(data, size, &options, &result, NULL) != 0)
		abort();
	if (vdk_check_unlooked(result) && !vdk_check_count(result, VDK_CHECK_OFF))
		abort();
	hold(result, size);
	vdk_check_free(result);
	return 0;
}
