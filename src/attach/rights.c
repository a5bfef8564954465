/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attach/rights.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

bool vdk_has_capability(int capability)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	if (syscall(SYS_capget, &header, data))
		return false;
	return data[capability / 32].effective >> (capability % 32) & 1;
}

int vdk_yama_scope(void)
{
	vdk_cleanup_fclose FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
	int scope = 0;

	if (file && fscanf(file, "%d", &scope) != 1)
		return 0;
	return scope;
}

int vdk_yama_verdict(int scope, bool privileged, bool follow, struct vdk_report *report)
{
	if (scope >= 3)
		return vdk_report_set(report, -EPERM, "kernel.yama.ptrace_scope",
		                      "is %d: nobody may trace on this system until it boots "
		                      "again, and attaching needs a moment of tracing",
		                      scope);
	if (privileged || scope <= 0)
		return 0;
	if (scope == 2)
		return vdk_report_set(report, -EPERM, "kernel.yama.ptrace_scope",
		                      "is 2: attaching needs CAP_SYS_PTRACE on this system");
	if (follow)
		return vdk_report_set(report, -EPERM, "kernel.yama.ptrace_scope",
		                      "is 1: only the first program could be attached and none "
		                      "that it starts; use `vdk run --once` for that, or have "
		                      "the administrator set it to 0 or grant CAP_SYS_PTRACE");
	return 0;
}
