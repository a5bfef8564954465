/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attach/filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch-registers.h"
#include "attach/rights.h"

/* Linux 5.19: once received, a notification is not torn down by a signal but by death only. */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define JUMP_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))

int vdk_filter_install(int *ret_listener, struct vdk_report *report)
{
	/* Jump distances count the instructions that are skipped. */
	struct sock_filter code[] = {
	        /* 0 */ LOAD(arch),
	        /* 1 */ JUMP_EQUAL(VDK_AUDIT_NATIVE, 1, 0),
	        /* 2 */ JUMP_EQUAL(VDK_AUDIT_COMPAT, 5, 8),
	        /* 3: native */ LOAD(nr),
	        /* 4 */ JUMP_EQUAL(SYS_execve, 7, 0),
	        /* 5 */ JUMP_EQUAL(SYS_execveat, 6, 0),
	        /* 6 */ JUMP_EQUAL(VDK_X32_EXECVE, 5, 0),
	        /* 7 */ JUMP_EQUAL(VDK_X32_EXECVEAT, 4, 3),
	        /* 8: 32-bit */ LOAD(nr),
	        /* 9 */ JUMP_EQUAL(VDK_COMPAT_EXECVE, 2, 0),
	        /* 10 */ JUMP_EQUAL(VDK_COMPAT_EXECVEAT, 1, 0),
	        /* 11 */ RETURN(SECCOMP_RET_ALLOW),
	        /* 12 */ RETURN(SECCOMP_RET_USER_NOTIF),
	};
	const struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};
	/* SPEC_ALLOW: no speculation barriers that the program did not ask for; it is no sandbox. */
	const unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER |
	                            SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV |
	                            SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	long listener;

	if (!vdk_has_capability(VDK_CAP_SYS_ADMIN) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return vdk_report_set(report, -errno, "seccomp", "cannot set no_new_privs: %s",
		                      strerror(errno));
	listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	if (listener >= 0) {
		*ret_listener = (int)listener;
		return 0;
	}
	switch (errno) {
	case EBUSY:
		return vdk_report_set(report, -EBUSY, "follow",
		                      "this process tree is followed already, by `vdk run` or by a "
		                      "container manager, and Linux allows one follower per tree; "
		                      "`vdk run --once` attaches to one program here");
	case EINVAL:
	case ENOSYS:
		return vdk_report_set(report, -EOPNOTSUPP, "follow",
		                      "needs seccomp notifications as of Linux 5.19; `vdk run "
		                      "--once` works on older kernels");
	default:
		return vdk_report_set(report, -errno, "follow",
		                      "cannot install a seccomp filter: %s; `vdk run --once` needs "
		                      "none",
		                      strerror(errno));
	}
}
