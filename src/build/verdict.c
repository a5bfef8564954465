/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The last step before an image gets its name: no image that breaks a rule is ever written. */
#include <errno.h>
#include <limits.h>

#include <vdk/check.h>

#include "build.h"

static int report_first_error(struct build *build, const struct vdk_check_result *result)
{
	const size_t errors = vdk_check_count(result, VDK_CHECK_ERROR);
	const struct vdk_check_finding *finding;

	for (size_t i = 0; (finding = vdk_check_finding(result, i)); i++) {
		if (finding->severity != VDK_CHECK_ERROR)
			continue;
		return vdk_report_set(build->report, -EBADMSG, build->name,
		                      "the image breaks %zu rule%s and is not written; the first: %s "
		                      "at %#llx: %s (expected %s, found %s)",
		                      errors, errors == 1 ? "" : "s", finding->rule->id,
		                      (unsigned long long)finding->offset, finding->message,
		                      finding->expected, finding->found);
	}
	return 0;
}

int build_check(struct build *build)
{
	const struct vdk_check_options options = {.size = sizeof(options),
	                                          .profile = VDK_CHECK_KIT};
	struct vdk_check_result *result;
	char path[PATH_MAX];
	int error = build_work_path(build, "image.so", path);

	if (!error)
		error = vdk_check_file(path, &options, &result, build->report);
	if (error)
		return error;
	error = report_first_error(build, result);
	vdk_check_free(result);
	return error;
}
