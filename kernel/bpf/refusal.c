/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bpf(2) says EPERM for a missing capability, a user namespace, a locked-down kernel, a security
 * module and a seccomp filter alike. Here the reasons are looked for that can be seen.
 */
#include "refusal.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attach/rights.h"
#include "base/cleanup.h"

/* PROC_USER_INIT_INO of Linux: the initial user namespace, the same on every machine. */
#define INITIAL_USER_NAMESPACE "user:[4026531837]"

/* The first line of a small file, without its newline; empty when there is none. */
static const char *first_line(const char *path, char *text, int size)
{
	vdk_cleanup_fclose FILE *file = fopen(path, "re");

	if (!file || !fgets(text, size, file))
		text[0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static bool in_user_namespace(void)
{
	char text[64];
	const ssize_t length = readlink("/proc/self/ns/user", text, sizeof(text) - 1);

	if (length < 0)
		return false;
	text[length] = '\0';
	return strcmp(text, INITIAL_USER_NAMESPACE) != 0;
}

static bool has_seccomp_filter(void)
{
	vdk_cleanup_fclose FILE *file = fopen("/proc/self/status", "re");
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "Seccomp:\t2", 10))
			return true;
	return false;
}

static void missing_capability(char *text, size_t size)
{
	char level[32];

	first_line("/proc/sys/kernel/unprivileged_bpf_disabled", level, sizeof(level));
	snprintf(text, size,
	         "the process lacks %s%s%s (or CAP_SYS_ADMIN)%s%s%s",
	         vdk_has_capability(CAP_BPF) ? "" : "CAP_BPF",
	         vdk_has_capability(CAP_BPF) || vdk_has_capability(CAP_PERFMON) ? "" : " and ",
	         vdk_has_capability(CAP_PERFMON) ? "" : "CAP_PERFMON",
	         *level && *level != '0' ? ", and kernel.unprivileged_bpf_disabled is " : "",
	         *level && *level != '0' ? level : "",
	         geteuid() ? ": publish as root" : ", which whoever started it took away");
}

static void reason(int error, char *text, size_t size)
{
	char lockdown[128], modules[128];

	first_line("/sys/kernel/security/lockdown", lockdown, sizeof(lockdown));
	first_line("/sys/kernel/security/lsm", modules, sizeof(modules));
	if (error == -ENOSYS && !has_seccomp_filter())
		snprintf(text, size, "this kernel is built without CONFIG_BPF_SYSCALL");
	else if (!vdk_has_capability(CAP_SYS_ADMIN) &&
	         !(vdk_has_capability(CAP_BPF) && vdk_has_capability(CAP_PERFMON)))
		missing_capability(text, size);
	else if (in_user_namespace())
		snprintf(text, size,
		         "the process lives in a user namespace, whose capabilities do not count "
		         "for BPF: publish from the system's own");
	else if (has_seccomp_filter())
		snprintf(text, size,
		         "the process has a seccomp filter, and containers' filters forbid bpf(2): "
		         "publish outside of the container");
	else if (strstr(lockdown, "[confidentiality]"))
		snprintf(text, size,
		         "the kernel is locked down (lockdown=confidentiality), so that nothing "
		         "may read its memory");
	else
		snprintf(text, size,
		         "the process has the capabilities and no seccomp filter, so it is the "
		         "kernel's own rule or a security module's (%s)",
		         *modules ? modules : "which are loaded cannot be seen here");
}

int refusal_explain(const char *what, int error, struct vdk_report *report)
{
	char text[512];

	reason(error, text, sizeof(text));
	return vdk_report_set(report, -EPERM, "bpf(2)", "may not %s (%s): %s", what,
	                      strerror(-error), text);
}
