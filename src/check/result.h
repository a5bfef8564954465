/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_CHECK_RESULT_H
#define VDK_CHECK_RESULT_H

/* What a check hands out: findings and functions, with their strings. */

#include <vdk/check.h>

struct vdk_check_result {
	struct vdk_check_finding *findings;
	size_t finding_count, finding_room;
	size_t by_severity[VDK_CHECK_ERROR + 1];
	struct vdk_check_function *functions;
	size_t function_count;
	size_t unlooked;
	enum vdk_check_profile profile;
	uint64_t size;

	/* Of the rule that is running. */
	size_t rule_findings, rule_more;
};

/* A function of the image for the result; @name is copied. Return: 0; -ENOMEM. */
int result_add_function(struct vdk_check_result *result, const struct vdk_check_function *function);

#endif
