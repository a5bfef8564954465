/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tracer of programs that call the vsyscall page.
 *
 * Each kind of stop, and how it is gone on from so that the program feels no tracer:
 *
 *   SIGSEGV at the page       the call: answered and the signal dropped, or changed into the one
 *                             that the emulation sends
 *   seccomp's, at the page    the call, where the kernel serves the page
 *   any other signal          passed on as it came
 *   a stop of the whole       the group stop of job control: it stays stopped, and listens
 *   fork, vfork, clone        the child is ours from its beginning
 *   exec                      attached as the supervisor would; kept if it is to be traced, too
 *
 * To let a call fail where the kernel serves the page (--vsyscall=none), the kernel is made to skip
 * it, the thread is stopped right behind, put back and sent to an address beyond the page, where it
 * faults in earnest: so the SIGSEGV has the rank of a fault, and cannot be blocked or ignored. What
 * it tells of the address is then corrected.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch-vsyscall.h"
#include "attach/inject.h"
#include "attach/tell.h"
#include "attach/vsyscall-answer.h"
#include "attach/vsyscall-clock.h"
#include "attach/vsyscall-site.h"
#include "attach/vsyscall.h"
#include "base/system.h"

/* A thread whose call was skipped, on its way to the fault. */
struct failing {
	pid_t tid;
	uint64_t entry;
};

struct tracer {
	const struct vdk_inject *inject;
	const struct vdk_vsyscall_plan *plan;
	bool follow;
	unsigned told; /* verdicts on programs that were told, a bit each */
	struct vdk_vsyscall_clock clock;
	struct vdk_vsyscall_seen seen;
	struct vdk_vsyscall_sites sites;
	struct failing *failing;
	size_t failing_count;
};

static void go_on(pid_t tid, int signal_number)
{
	/* ESRCH: killed meanwhile. */
	ptrace(PTRACE_CONT, tid, 0, signal_number);
}

/* ---- Threads that are about to fail -------------------------------------------------------- */

static struct failing *find_failing(struct tracer *t, pid_t tid)
{
	for (size_t i = 0; i < t->failing_count; i++)
		if (t->failing[i].tid == tid)
			return &t->failing[i];
	return NULL;
}

static void drop_failing(struct tracer *t, pid_t tid)
{
	struct failing *failing = find_failing(t, tid);

	if (failing)
		*failing = t->failing[--t->failing_count];
}

static bool add_failing(struct tracer *t, pid_t tid, uint64_t entry)
{
	struct failing *larger;

	drop_failing(t, tid);
	larger = reallocarray(t->failing, t->failing_count + 1, sizeof(*larger));
	if (!larger)
		return false;
	t->failing = larger;
	t->failing[t->failing_count++] = (struct failing){.tid = tid, .entry = entry};
	return true;
}

/* ---- SIGSEGV ------------------------------------------------------------------------------- */

/* Change the signal that is about to be delivered; `address` 0 is what SI_KERNEL has. */
static void change_signal(pid_t tid, int code, uint64_t address)
{
	siginfo_t info = {.si_signo = SIGSEGV, .si_code = code};

	info.si_addr = (void *)(uintptr_t)address;
	ptrace(PTRACE_SETSIGINFO, tid, 0, &info);
}

/* The page's fault: answer, or make of it what the emulation would have sent. */
static void answer_fault(struct tracer *t, pid_t tid, struct vdk_registers *registers)
{
	struct vdk_vsyscall_answer answer;

	switch (vdk_vsyscall_answer(&t->clock, tid, vdk_registers_ip(registers), registers,
	                            &answer)) {
	case VDK_VSYSCALL_ANSWERED:
		vsyscall_return(registers, answer.result, answer.caller);
		go_on(tid, vdk_registers_write(tid, registers) ? SIGSEGV : 0);
		return;
	case VDK_VSYSCALL_BAD_ADDRESS:
		change_signal(tid, SEGV_MAPERR, answer.address);
		break;
	case VDK_VSYSCALL_FAULTED:
		change_signal(tid, SI_KERNEL, 0);
		if (answer.late) {
			vsyscall_fault(registers);
			vdk_registers_write(tid, registers);
		}
		break;
	}
	go_on(tid, SIGSEGV);
}

/* The fault that we sent the thread to, in place of the call's own. */
static void finish_failing(struct tracer *t, pid_t tid, uint64_t entry,
                           struct vdk_registers *registers)
{
	drop_failing(t, tid);
	vsyscall_set_ip(registers, entry);
	vdk_registers_write(tid, registers);
	change_signal(tid, SEGV_MAPERR, entry);
	go_on(tid, SIGSEGV);
}

static void on_segv(struct tracer *t, pid_t tid)
{
	const struct failing *failing;
	struct vdk_registers registers;
	siginfo_t info;
	uint64_t ip;

	/* 32-bit programs have no such page, and a kill(2) with this signal is no fault. */
	if (vdk_registers_read(tid, &registers) || ptrace(PTRACE_GETSIGINFO, tid, 0, &info) ||
	    info.si_code <= 0) {
		go_on(tid, SIGSEGV);
		return;
	}
	ip = vdk_registers_ip(&registers);
	failing = ip == VSYSCALL_FAULTS ? find_failing(t, tid) : NULL;
	if (failing) {
		finish_failing(t, tid, failing->entry, &registers);
		return;
	}
	if (vsyscall_is_page(ip) && t->plan->fails)
		vdk_vsyscall_site_tell(&t->sites, tid, ip, &registers);
	/*
	 * By the instruction pointer: where the processor refuses such jumps by itself (LASS) the
	 * signal has no address.
	 */
	if (vsyscall_is_page(ip) && !t->plan->fails && !t->plan->served)
		answer_fault(t, tid, &registers);
	else
		go_on(tid, SIGSEGV);
}

/* ---- Seccomp's stop ------------------------------------------------------------------------ */

/* Another filter wanted a tracer that is not there: what happens without one. */
static void refuse_foreign(pid_t tid, struct vdk_registers *registers)
{
	vsyscall_skip(registers, -ENOSYS);
	vdk_registers_write(tid, registers);
	go_on(tid, 0);
}

static void begin_failing(struct tracer *t, pid_t tid, struct vdk_registers *registers)
{
	const uint64_t entry = vdk_registers_ip(registers);

	vdk_vsyscall_site_tell(&t->sites, tid, entry, registers);
	vsyscall_skip(registers, -ENOSYS);
	if (add_failing(t, tid, entry) && !vdk_registers_write(tid, registers))
		ptrace(PTRACE_INTERRUPT, tid, 0, 0);
	go_on(tid, 0);
}

static void on_seccomp(struct tracer *t, pid_t tid)
{
	struct vdk_registers registers;
	struct vdk_vsyscall_answer answer;
	unsigned long message = 0;

	if (vdk_registers_read(tid, &registers) ||
	    ptrace(PTRACE_GETEVENTMSG, tid, 0, &message)) {
		go_on(tid, 0);
		return;
	}
	if (message != VDK_VSYSCALL_STOP || !vsyscall_is_page(vdk_registers_ip(&registers))) {
		refuse_foreign(tid, &registers);
		return;
	}
	if (t->plan->fails) {
		begin_failing(t, tid, &registers);
		return;
	}
	/*
	 * getcpu is the kernel's own in every image that does not say otherwise, and the kernel
	 * knows better. A call that fails is left to it, too: it fails there in the right way.
	 */
	if (vsyscall_number(vdk_registers_ip(&registers)) != VSYSCALL_GETCPU &&
	    vdk_vsyscall_answer(&t->clock, tid, vdk_registers_ip(&registers), &registers,
	                        &answer) == VDK_VSYSCALL_ANSWERED) {
		vsyscall_skip(&registers, answer.result);
		vdk_registers_write(tid, &registers);
	}
	go_on(tid, 0);
}

/* ---- Other stops --------------------------------------------------------------------------- */

/* The interrupt behind a skipped call, the end of a group stop, a new thread's first stop. */
static void on_trap_stop(struct tracer *t, pid_t tid)
{
	struct vdk_registers registers;

	if (find_failing(t, tid) && !vdk_registers_read(tid, &registers) &&
	    vdk_registers_ip(&registers) != VSYSCALL_FAULTS) {
		vsyscall_redo(&registers, VSYSCALL_FAULTS);
		vdk_registers_write(tid, &registers);
	}
	go_on(tid, 0);
}

static void on_exec(struct tracer *t, pid_t tid)
{
	static const int none[3] = {-1, -1, -1};
	const struct vdk_attach_watch *watch = t->inject->attach->watch;
	enum vdk_verdict verdict;

	drop_failing(t, tid);
	verdict = t->follow ? vdk_inject(t->inject, tid, 0, none) : VDK_VERDICT_ATTACHED;
	if (t->follow && watch && watch->started && verdict != VDK_VERDICT_VANISHED)
		watch->started(watch->data, tid, verdict == VDK_VERDICT_ATTACHED);
	if (verdict != VDK_VERDICT_ATTACHED && verdict != VDK_VERDICT_VANISHED &&
	    !(t->told & 1u << verdict)) {
		t->told |= 1u << verdict;
		vdk_tell(tid, vdk_verdict_text(verdict));
	}
	if (verdict == VDK_VERDICT_COMPAT || !vdk_vsyscall_wanted(t->plan, tid, &t->seen))
		ptrace(PTRACE_DETACH, tid, 0, 0);
	else
		go_on(tid, 0);
}

static void on_stop(struct tracer *t, pid_t tid, int status)
{
	const int signal_number = WSTOPSIG(status);

	switch (status >> 16) {
	case 0:
		if (signal_number == SIGSEGV)
			on_segv(t, tid);
		else
			go_on(tid, signal_number);
		break;
	case PTRACE_EVENT_EXEC:
		on_exec(t, tid);
		break;
	case PTRACE_EVENT_SECCOMP:
		on_seccomp(t, tid);
		break;
	case PTRACE_EVENT_STOP:
		if (signal_number == SIGTRAP)
			on_trap_stop(t, tid);
		else
			ptrace(PTRACE_LISTEN, tid, 0, 0);
		break;
	default:
		go_on(tid, 0);
	}
}

/* Nothing of a caller stays open, and nothing that is meant for the program reaches us. */
static void leave_caller(void)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_NAME, "vdk-vsyscall");
	signal(SIGTERM, SIG_IGN);
	setsid();
	if (chdir("/"))
		return; /* then a folder of the caller stays in use: no harm but to umount */
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
	vdk_close_range(3, ~0u);
}

void vdk_vsyscall_trace(const struct vdk_inject *inject, bool follow)
{
	static struct tracer tracer; /* large; and this process is nothing else */
	struct tracer *t = &tracer;
	int status;

	t->inject = inject;
	t->plan = &inject->vsyscall;
	t->follow = follow;
	vdk_vsyscall_clock_open(inject, &t->clock);
	if (!follow)
		leave_caller();
	for (;;) {
		const pid_t tid = waitpid(-1, &status, __WALL);

		if (tid < 0 && errno == EINTR)
			continue;
		if (tid < 0)
			break; /* nobody is left */
		if (WIFSTOPPED(status))
			on_stop(t, tid, status);
		else
			drop_failing(t, tid);
	}
	free(t->failing);
}
