/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One exec, as the supervisor sees it:
 *
 *   notification      the thread waits in execve; seize it, let the system call go on
 *   exec stop         the old program is gone, the new one has not run: inject, detach
 *
 * or, when execve fails, no exec stop comes: the thread runs on, seized, which it does not feel
 * until a signal reaches it. It is let go at the first of: that signal's stop, the next look at
 * it (then by PTRACE_INTERRUPT), its end.
 *
 * The interrupt waits for a while and spares threads that are still inside execve: it makes a
 * signal pending, and there are file systems whose waits would then fail the exec with EINTR. A
 * thread that is in another system call by then would feel it likewise. When only such threads are
 * left, the supervisor retires: the end of a tracer lets go of them unfelt, and another begins.
 *
 * Two threads of one process must not be seized at once. An exec waits until the other threads
 * are reaped, and a seized one is reaped by its tracer; PTRACE_SEIZE of a third thread waits until
 * the exec is done. Tracer and exec would wait for each other. So a notification of a process
 * that has a thread in hand is put off until that one is settled.
 */
#include "attach/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attach/answer.h"
#include "attach/hands.h"
#include "attach/program.h"
#include "attach/raw-call.h"
#include "attach/tell.h"
#include "attach/thread.h"
#include "base/cleanup.h"

#define LOOK_AFTER_MS 5 /* how long a seized thread is left alone before it is looked at */

struct supervisor {
	const struct vdk_inject *inject;
	const struct vdk_attach_watch *watch;
	int listener;
	pid_t first;
	struct vdk_inflight *inflight;
	struct vdk_hands hands;
	struct vdk_vsyscall_tracers tracers;
	struct vdk_vsyscall_seen seen;
	bool may_retire;
	bool retires;   /* a successor takes over, which lets go of all threads in hand */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Something about a program must be said, once for each kind of trouble. */
static void tell_once(struct supervisor *s, pid_t tid, unsigned kind, const char *text)
{
	if (s->inflight->told & 1u << kind)
		return;
	s->inflight->told |= 1u << kind;
	vdk_tell(tid, text);
}

/* Of a thread that is not in our hands: its number may be another's by now. */
static void tell_once_of(struct supervisor *s, uint64_t id, pid_t tid, unsigned kind,
                         const char *text)
{
	if (!(s->inflight->told & 1u << kind) && vdk_tell_of(s->listener, id, tid, text))
		s->inflight->told |= 1u << kind;
}

#define KIND_TRACED 16 /* beside the verdicts */
#define KIND_UNPRIVILEGED 17
#define KIND_NO_TRACER 18

/* ---- Threads in hand --------------------------------------------------------------------- */

/*
 * False: it was refused, and so answered. Without memory for it, it runs unattached rather than not
 * at all, but for the first.
 */
static bool seize(struct supervisor *s, uint64_t id, pid_t tid)
{
	if (vdk_hands_make_room(&s->hands) && !ptrace(PTRACE_SEIZE, tid, 0, PTRACE_O_TRACEEXEC)) {
		vdk_hands_add(&s->hands,
		              &(struct vdk_hand){
		                      .tid = tid,
		                      .process = vdk_thread_process(tid),
		                      .look_at = now_ms() + LOOK_AFTER_MS,
		                      .foreign = ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ID_VALID,
		                                       &id),
		              });
	} else if (tid == s->first && errno != ESRCH) {
		vdk_answer_refuse(s->inflight, s->listener, id, errno);
		return false;
	} else if (errno == EPERM && !vdk_thread_tracer_is_vdk(tid)) {
		tell_once_of(s, id, tid, KIND_TRACED,
		             "is held by another tracer (a debugger, strace); what it executes "
		             "runs unattached");
	}
	return true;
}

static void begin_exec(struct supervisor *s, uint64_t id, pid_t tid)
{
	struct vdk_hand *hand = vdk_hands_find(&s->hands, tid);

	if (hand) {
		/* An earlier exec of this thread failed and it tries another path. */
		hand->look_at = now_ms() + LOOK_AFTER_MS;
		hand->spared = false;
		hand->runs = 0;
		/* It may be who took over a number: of the tree, too, and now by a call of its own. */
		hand->foreign = ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);
	} else if (!seize(s, id, tid)) {
		return;
	}
	vdk_answer_go_on(s->inflight, s->listener, id);
}

static void put_off(struct supervisor *s, uint64_t id, pid_t tid)
{
	/* Without memory for it, it runs unattached rather than not at all. */
	if (!vdk_hands_put_off(&s->hands, id, tid))
		vdk_answer_go_on(s->inflight, s->listener, id);
}

/* A thread was settled: those that waited for it may have their turn. */
static void take_up(struct supervisor *s)
{
	struct vdk_put_off turn;

	while (vdk_hands_take_up(&s->hands, &turn)) {
		if (!ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &turn.id))
			begin_exec(s, turn.id, turn.tid);
		else
			vdk_answer_void(s->inflight, turn.id); /* killed by its sibling's exec */
	}
}

/* ---- Events ------------------------------------------------------------------------------ */

/* A program that calls the vsyscall page: from now on it has a tracer of its own. */
static void start_tracer(struct supervisor *s, const struct seccomp_notif *notification)
{
	const pid_t tid = (pid_t)notification->pid;

	if (!vdk_vsyscall_adopt(&s->tracers, s->inject, s->listener, s->inflight, notification->id,
	                        tid))
		return;
	tell_once_of(s, notification->id, tid, KIND_NO_TRACER,
	             "calls the vsyscall page, and no tracer could be started");
	vdk_answer_go_on(s->inflight, s->listener, notification->id);
}

static void on_raw_call(struct supervisor *s, const struct seccomp_notif *notification)
{
	struct vdk_raw_call call;

	/* What was read is its own only if it still waits for us. */
	if (s->watch && s->watch->raw_call && vdk_raw_call_read(s->inject, notification, &call) &&
	    !ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &notification->id))
		s->watch->raw_call(s->watch->data, &call);
	vdk_answer_go_on(s->inflight, s->listener, notification->id);
}

static int on_notification(struct supervisor *s)
{
	const struct seccomp_notif *notification = &s->inflight->received;
	const int error = vdk_answer_receive(s->inflight, s->listener);

	if (error)
		return error == -ENOENT || error == -EINTR || error == -EAGAIN ? 0 : error;
	if (notification->data.args[0] == VDK_START_ASK &&
	    notification->data.args[1] == VDK_START_ASK_TRACER)
		start_tracer(s, notification);
	else if (vdk_raw_call_is(notification))
		on_raw_call(s, notification);
	else if (notification->data.args[0] == VDK_START_ASK)
		vdk_answer_descriptor(s->inflight, s->listener, s->inject->attach, notification);
	else if (vdk_hands_has_sibling(&s->hands, (pid_t)notification->pid))
		put_off(s, notification->id, (pid_t)notification->pid);
	else
		begin_exec(s, notification->id, (pid_t)notification->pid);
	return 0;
}

/* A set-user-ID program that runs without its privileges, because we run without ours. */
static void warn_unprivileged(struct supervisor *s, pid_t tid)
{
	char path[32];
	vdk_cleanup_close int fd = -1;

	if (s->inflight->told & 1u << KIND_UNPRIVILEGED || geteuid() == 0)
		return;
	snprintf(path, sizeof(path), "/proc/%d/exe", tid);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd >= 0 && vdk_program_is_privileged(fd))
		tell_once(s, tid, KIND_UNPRIVILEGED,
		          "is set-user-ID and runs without its privileges: a followed tree of an "
		          "unprivileged user has no_new_privs; start it outside or use --once");
}

static void on_exec_stop(struct supervisor *s, pid_t tid)
{
	static const int none[3] = {-1, -1, -1};
	const bool first = tid == s->first;
	uint32_t flags = first ? VDK_START_FATAL : 0;
	unsigned long former = 0;
	const struct vdk_hand *hand;
	enum vdk_verdict verdict;
	bool foreign;

	/* A thread that execs takes its process's number; we knew it by its old one. */
	ptrace(PTRACE_GETEVENTMSG, tid, 0, &former);
	hand = vdk_hands_find(&s->hands, (pid_t)former);
	foreign = hand && hand->foreign;
	vdk_hands_drop(&s->hands, (pid_t)former);
	vdk_hands_drop_process(&s->hands, tid);
	if (foreign) {
		ptrace(PTRACE_DETACH, tid, 0, 0);
		return;
	}
	if (vdk_vsyscall_wanted(&s->inject->vsyscall, tid, &s->seen))
		flags |= VDK_START_TRACER;
	verdict = vdk_inject(s->inject, tid, flags, none);
	if (first)
		s->first = 0;
	if (s->watch && s->watch->started && verdict != VDK_VERDICT_VANISHED)
		s->watch->started(s->watch->data, tid, verdict == VDK_VERDICT_ATTACHED);
	if (verdict == VDK_VERDICT_ATTACHED) {
		warn_unprivileged(s, tid);
	} else if (verdict != VDK_VERDICT_VANISHED) {
		tell_once(s, tid, verdict, vdk_verdict_text(verdict));
		if (first)
			vdk_inject_exit(tid);
	}
	ptrace(PTRACE_DETACH, tid, 0, 0);
}

static void on_child_events(struct supervisor *s)
{
	int status;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL | WNOHANG)) > 0) {
		if (!WIFSTOPPED(status)) {
			vdk_hands_drop(&s->hands, tid);
			/* Within its exec a thread has its process's number already. */
			vdk_hands_drop_process(&s->hands, tid);
			vdk_vsyscall_ended(&s->tracers, s->listener, s->inflight, tid);
		} else if (status >> 16 == PTRACE_EVENT_EXEC) {
			on_exec_stop(s, tid);
		} else {
			/* Back in its program: the exec failed. Let go, with the signal if any. */
			const bool ours = status >> 16 == PTRACE_EVENT_STOP;

			vdk_hands_drop(&s->hands, tid);
			ptrace(PTRACE_DETACH, tid, 0, ours ? 0 : WSTOPSIG(status));
		}
	}
	if (s->hands.put_off_count)
		take_up(s);
}

/*
 * A thread that was seen to run its program's code at that many looks is not in its exec any more.
 * Looks alone do not tell: on a busy machine an exec may wait for seconds for a processor.
 */
#define RUNS_MAX 20

static void count_runs(struct vdk_hand *hand, enum vdk_place place)
{
	const unsigned long time = place == VDK_RUNS ? vdk_thread_user_time(hand->tid) : 0;

	hand->runs = place != VDK_RUNS ? 0 : hand->runs + (time > hand->user_time);
	hand->user_time = time;
}

/*
 * Let go of a thread whose exec failed, by an interrupt. A thread in a system call would feel
 * it: epoll_wait fails with EINTR, a large write comes back short. It is spared for as long as no
 * notification waits for it. True: there is nothing to let go of any more.
 *
 * A thread that is not the first loses its number within its exec, and has the process's from
 * there on. It stays in hand: its stop, or its end, will tell of it by the number that we know.
 */
static bool let_go(struct supervisor *s, struct vdk_hand *hand)
{
	const enum vdk_place place = vdk_thread_place(hand->tid);

	count_runs(hand, place);
	hand->spared = !s->hands.put_off_count && (place == VDK_IN_CALL || hand->runs >= RUNS_MAX);
	if (place == VDK_IN_EXEC || place == VDK_GONE || hand->spared ||
	    (place == VDK_RUNS && !s->hands.put_off_count))
		return false;
	if (ptrace(PTRACE_INTERRUPT, hand->tid, 0, 0))
		return errno != ESRCH;
	return vdk_thread_is_zombie(hand->tid);
}

static void look_at_hands(struct supervisor *s)
{
	const int64_t now = now_ms();
	size_t spared = 0;

	for (size_t i = 0; i < s->hands.count;) {
		struct vdk_hand *hand = &s->hands.hands[i];

		if (now >= hand->look_at) {
			hand->look_at = now + 4 * LOOK_AFTER_MS;
			if (let_go(s, hand)) {
				vdk_hands_drop(&s->hands, hand->tid); /* another one is at i now */
				continue;
			}
		}
		spared += hand->spared;
		i++;
	}
	if (s->hands.put_off_count)
		take_up(s);
	/* The end of a tracer lets go of threads without their feeling it. */
	s->retires = s->may_retire && s->hands.count && spared == s->hands.count &&
	             !s->hands.put_off_count;
}

int vdk_supervise(const struct vdk_inject *inject, int listener, pid_t first,
                  struct vdk_inflight *inflight, bool may_retire)
{
	struct supervisor s = {
	        .inject = inject,
	        .watch = inject->attach->watch,
	        .listener = listener,
	        .first = first,
	        .inflight = inflight,
	        .may_retire = may_retire,
	};
	vdk_cleanup_close int signals = -1;
	struct pollfd polled[3];
	sigset_t mask;
	int error = 0;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &mask, NULL))
		return -errno;
	signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		return -errno;
	vdk_answer_leftovers(inflight, listener);
	polled[0] = (struct pollfd){.fd = listener, .events = POLLIN};
	polled[1] = (struct pollfd){.fd = signals, .events = POLLIN};
	polled[2] = (struct pollfd){.fd = -1, .events = POLLIN}; /* -1: poll(2) passes it over */
	if (s.watch && s.watch->begin)
		polled[2].fd = s.watch->begin(s.watch->data);
	while (!error && !s.retires) {
		struct signalfd_siginfo ignored;

		/* A failed one leaves what the one before told: to receive by that would wait. */
		if (poll(polled, 3, s.hands.count ? LOOK_AFTER_MS : -1) < 0) {
			error = errno == EINTR ? 0 : -errno;
			continue;
		}
		if (polled[1].revents && read(signals, &ignored, sizeof(ignored)) > 0)
			on_child_events(&s);
		if (s.watch && polled[2].revents)
			s.watch->readable(s.watch->data);
		if (polled[0].revents & POLLIN)
			error = on_notification(&s);
		else if (polled[0].revents & (POLLHUP | POLLERR))
			break; /* the last process of the tree is gone */
		if (s.hands.count)
			look_at_hands(&s);
	}
	vdk_closep(&polled[2].fd);
	vdk_hands_free(&s.hands);
	free(s.tracers.tracers);
	return error ? error : s.retires;
}
