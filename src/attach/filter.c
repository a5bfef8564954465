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

#include <vdk/attach.h>

#include "arch-registers.h"
#include "attach/rights.h"

/* Linux 5.19: once received, a notification is not torn down by a signal but by death only. */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/* ---- A filter is put together from tests, which lead to one of three ends ------------------- */

enum end { ALLOW, NOTIFY, LOOK_AT_CLOCK };

struct filter {
	struct sock_filter code[64];
	unsigned count;
	uint8_t jumps[64]; /* of a test: the end that it leads to, and one */
};

static void add(struct filter *filter, uint16_t code, uint32_t k)
{
	filter->code[filter->count++] = (struct sock_filter)BPF_STMT(code, k);
}

#define LOAD(filter, offset) add(filter, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset))

/* If the accumulator passes the test, go to that end; otherwise to what is added next. */
static void test(struct filter *filter, uint16_t how, uint32_t k, enum end end)
{
	filter->jumps[filter->count] = (uint8_t)(end + 1);
	add(filter, BPF_JMP | BPF_K | how, k);
}

/* The ends themselves, and the distances to them. */
static void finish(struct filter *filter, uint32_t clocks)
{
	unsigned at[3];

	at[ALLOW] = filter->count;
	add(filter, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	at[LOOK_AT_CLOCK] = filter->count;
	if (clocks) {
		/* Jumps lead forwards only: what ends here by ALLOW has its own. */
		LOAD(filter, offsetof(struct seccomp_data, args[0])); /* its lower half */
		add(filter, BPF_JMP | BPF_K | BPF_JGE, 32);
		filter->code[filter->count - 1].jt = 4;
		add(filter, BPF_MISC | BPF_TAX, 0);
		add(filter, BPF_LD | BPF_IMM, 1);
		add(filter, BPF_ALU | BPF_LSH | BPF_X, 0);
		add(filter, BPF_JMP | BPF_K | BPF_JSET, clocks);
		filter->code[filter->count - 1].jt = 1;
		add(filter, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	at[NOTIFY] = filter->count;
	add(filter, BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	for (unsigned i = 0; i < filter->count; i++)
		if (filter->jumps[i])
			filter->code[i].jt = (uint8_t)(at[filter->jumps[i] - 1] - i - 1);
}

static void test_numbers(struct filter *filter, const uint32_t *execs, size_t exec_count,
                         const int *times, size_t time_count)
{
	LOAD(filter, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < exec_count; i++)
		test(filter, BPF_JEQ, execs[i], NOTIFY);
	for (size_t i = 0; i < time_count; i += 2)
		test(filter, BPF_JEQ, (uint32_t)times[i],
		     times[i + 1] == VDK_RAW_CLOCK_GETTIME ? LOOK_AT_CLOCK : NOTIFY);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void build(struct filter *filter, uint32_t clocks)
{
	static const uint32_t native[] = {SYS_execve, SYS_execveat, VDK_X32_EXECVE,
	                                  VDK_X32_EXECVEAT};
	static const uint32_t compat[] = {VDK_COMPAT_EXECVE, VDK_COMPAT_EXECVEAT};
	static const int native_times[] = {VDK_TIME_CALLS_NATIVE};
	static const int compat_times[] = {VDK_TIME_CALLS_COMPAT};
	unsigned compat_test;

	LOAD(filter, offsetof(struct seccomp_data, arch));
	compat_test = filter->count;
	add(filter, BPF_JMP | BPF_K | BPF_JEQ, VDK_AUDIT_NATIVE);
	test_numbers(filter, native, COUNT(native), native_times,
	             clocks ? COUNT(native_times) : 0);
	add(filter, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter->code[compat_test].jf = (uint8_t)(filter->count - compat_test - 1);
	/* Still the architecture in the accumulator: neither of the two is none of ours. */
	add(filter, BPF_JMP | BPF_K | BPF_JEQ, VDK_AUDIT_COMPAT);
	filter->code[filter->count - 1].jt = 1;
	add(filter, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	test_numbers(filter, compat, COUNT(compat), compat_times,
	             clocks ? COUNT(compat_times) : 0);
	finish(filter, clocks);
}

int vdk_filter_install(uint32_t clocks, int *ret_listener, struct vdk_report *report)
{
	struct filter filter = {0};
	struct sock_fprog program = {.filter = filter.code};
	/* SPEC_ALLOW: no speculation barriers that the program did not ask for; it is no sandbox. */
	const unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER |
	                            SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV |
	                            SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	long listener;

	build(&filter, clocks);
	program.len = (unsigned short)filter.count;
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
