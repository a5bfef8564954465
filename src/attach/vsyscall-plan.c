/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include "arch-vsyscall.h"
#include "attach/rights.h"
#include "attach/vsyscall.h"
#include "base/cleanup.h"

/* The kernel lists the page in every 64-bit process's maps if it serves it, as the last line. */
static bool kernel_serves(void)
{
	vdk_cleanup_fclose FILE *file = fopen("/proc/self/maps", "re");
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		unsigned long long start;

		if (sscanf(line, "%llx-", &start) == 1 && start == VSYSCALL_PAGE)
			return true;
	}
	return false;
}

void vdk_vsyscall_plan_make(enum vdk_attach_vsyscall wish, struct vdk_vsyscall_plan *ret)
{
	*ret = (struct vdk_vsyscall_plan){.served = kernel_serves()};
	ret->fails = wish == VDK_ATTACH_VSYSCALL_NONE;
	if (wish != VDK_ATTACH_VSYSCALL_AUTO)
		ret->who = VDK_VSYSCALL_ALL;
	else if (!ret->served)
		ret->who = VDK_VSYSCALL_SOME;
}

bool vdk_vsyscall_has_filter(const struct vdk_vsyscall_plan *plan)
{
	return plan->who == VDK_VSYSCALL_ALL && plan->served;
}

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset))
#define JUMP_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define IP offsetof(struct seccomp_data, instruction_pointer)

int vdk_vsyscall_filter(const struct vdk_vsyscall_plan *plan, struct vdk_report *report)
{
	/* A little-endian machine's halves. Most system calls end at the number, which is cached. */
	struct sock_filter code[] = {
	        /* 0 */ LOAD(offsetof(struct seccomp_data, arch)),
	        /* 1 */ JUMP_EQUAL(VDK_AUDIT_NATIVE, 0, 9),
	        /* 2 */ LOAD(offsetof(struct seccomp_data, nr)),
	        /* 3 */ JUMP_EQUAL(SYS_gettimeofday, 2, 0),
	        /* 4 */ JUMP_EQUAL(SYS_time, 1, 0),
	        /* 5 */ JUMP_EQUAL(SYS_getcpu, 0, 5),
	        /* 6 */ LOAD(IP + 4),
	        /* 7 */ JUMP_EQUAL((uint32_t)(VSYSCALL_PAGE >> 32), 0, 3),
	        /* 8 */ LOAD(IP),
	        /* 9 */ BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~0xfffu),
	        /* 10 */ JUMP_EQUAL((uint32_t)VSYSCALL_PAGE, 1, 0),
	        /* 11 */ BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	        /* 12 */ BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | VDK_VSYSCALL_STOP),
	};
	const struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	if (!vdk_vsyscall_has_filter(plan))
		return 0;
	if (!vdk_has_capability(VDK_CAP_SYS_ADMIN) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return vdk_report_set(report, -errno, "seccomp", "cannot set no_new_privs: %s",
		                      strerror(errno));
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program))
		return vdk_report_set(report, -errno, "seccomp",
		                      "cannot install the filter that catches vsyscalls: %s",
		                      strerror(errno));
	return 0;
}

unsigned long vdk_vsyscall_options(const struct vdk_vsyscall_plan *plan)
{
	return PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
	       (plan->served ? PTRACE_O_TRACESECCOMP : 0);
}

bool vdk_vsyscall_wanted(const struct vdk_vsyscall_plan *plan, pid_t tid,
                         struct vdk_vsyscall_seen *seen)
{
	if (plan->who == VDK_VSYSCALL_SOME)
		return vdk_vsyscall_contained(tid, seen);
	return plan->who == VDK_VSYSCALL_ALL;
}
