/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include "attach/answer.h"
#include "attach/inject.h"
#include "attach/tell.h"
#include "attach/vsyscall.h"

/* The tracer: takes the thread, lets it go on, and stays with it. */
static void be_tracer(const struct vdk_inject *inject, int listener, struct vdk_inflight *inflight,
                      uint64_t id, pid_t tid)
{
	prctl(PR_SET_NAME, "vdk-vsyscall");
	if (ptrace(PTRACE_SEIZE, tid, 0, vdk_vsyscall_options(&inject->vsyscall))) {
		vdk_tell_of(listener, id, tid,
		            "calls the vsyscall page, and is held by another tracer");
		vdk_answer_refuse(inflight, listener, id, EPERM);
		_exit(1);
	}
	/* Killed before we had it, and its number given away: our end lets go of the other one. */
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id)) {
		vdk_answer_void(inflight, id);
		_exit(1);
	}
	vdk_answer_done(inflight, listener, id);
	/* Who holds a listener and does not serve it lets execs wait that should fail. */
	close(listener);
	vdk_vsyscall_trace(inject, true);
	_exit(0);
}

int vdk_vsyscall_adopt(struct vdk_vsyscall_tracers *tracers, const struct vdk_inject *inject,
                       int listener, struct vdk_inflight *inflight, uint64_t id, pid_t tid)
{
	struct vdk_vsyscall_tracer *larger;
	pid_t pid;

	larger = reallocarray(tracers->tracers, tracers->count + 1, sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	tracers->tracers = larger;
	pid = fork();
	if (!pid)
		be_tracer(inject, listener, inflight, id, tid);
	if (pid < 0)
		return -errno;
	larger[tracers->count++] = (struct vdk_vsyscall_tracer){.pid = pid, .id = id};
	return 0;
}

void vdk_vsyscall_ended(struct vdk_vsyscall_tracers *tracers, int listener,
                        struct vdk_inflight *inflight, pid_t pid)
{
	for (size_t i = 0; i < tracers->count; i++) {
		const uint64_t id = tracers->tracers[i].id;

		if (tracers->tracers[i].pid != pid)
			continue;
		tracers->tracers[i] = tracers->tracers[--tracers->count];
		vdk_answer_go_on(inflight, listener, id); /* of one that was answered: nothing */
		return;
	}
}
