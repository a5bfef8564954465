/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attach/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include "attach/start.h"

#ifndef SECCOMP_ADDFD_FLAG_SEND /* Linux 5.14: add the descriptor and answer in one step */
#define SECCOMP_ADDFD_FLAG_SEND (1UL << 1)
#endif

/* All orders are relaxed: the one reader starts after the writer's death, by way of the kernel. */

static void note(struct vdk_inflight *inflight, uint64_t id)
{
	for (size_t i = 0; i < VDK_INFLIGHT_MAX; i++) {
		uint64_t free_slot = 0;

		if (atomic_compare_exchange_strong_explicit(&inflight->id[i], &free_slot, id,
		                                            memory_order_relaxed,
		                                            memory_order_relaxed))
			return;
	}
}

int vdk_answer_receive(struct vdk_inflight *inflight, int listener)
{
	inflight->served |= inflight->received.id != 0;
	/* Noted elsewhere by now; and the kernel refuses a place that holds anything but zeros. */
	inflight->received = (struct seccomp_notif){0};
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &inflight->received))
		return -errno;
	note(inflight, inflight->received.id);
	return 0;
}

void vdk_answer_void(struct vdk_inflight *inflight, uint64_t id)
{
	for (size_t i = 0; i < VDK_INFLIGHT_MAX; i++) {
		if (atomic_load_explicit(&inflight->id[i], memory_order_relaxed) == id) {
			atomic_store_explicit(&inflight->id[i], 0, memory_order_relaxed);
			return;
		}
	}
}

static void go_on(int listener, uint64_t id)
{
	struct seccomp_notif_resp answer = {
	        .id = id,
	        .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};

	/* ENOENT: killed meanwhile. There is nothing to do about it. */
	while (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) && errno == EINTR)
		;
}

void vdk_answer_go_on(struct vdk_inflight *inflight, int listener, uint64_t id)
{
	go_on(listener, id);
	vdk_answer_void(inflight, id);
}

static void answer_with(struct vdk_inflight *inflight, int listener, uint64_t id, int error)
{
	struct seccomp_notif_resp answer = {.id = id, .error = error};

	while (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) && errno == EINTR)
		;
	vdk_answer_void(inflight, id);
}

void vdk_answer_done(struct vdk_inflight *inflight, int listener, uint64_t id)
{
	answer_with(inflight, listener, id, 0);
}

void vdk_answer_refuse(struct vdk_inflight *inflight, int listener, uint64_t id, int error)
{
	answer_with(inflight, listener, id, -error);
}

static int asked_for(const struct vdk_attach *attach, uint64_t which)
{
	switch (which) {
	case VDK_START_ASK_PAGE:
		return attach->page_fd;
	case VDK_START_ASK_STATE:
		return attach->has_state ? attach->state_fd : -1;
	default:
		return attach->image_fd;
	}
}

void vdk_answer_descriptor(struct vdk_inflight *inflight, int listener,
                           const struct vdk_attach *attach,
                           const struct seccomp_notif *notification)
{
	struct seccomp_notif_addfd add = {
	        .id = notification->id,
	        .flags = SECCOMP_ADDFD_FLAG_SEND,
	        .srcfd = (uint32_t)asked_for(attach, notification->data.args[1]),
	        .newfd_flags = O_CLOEXEC,
	};

	/* Failing that, the execve of a pointer that is none fails, and the start-up code tells. */
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0)
		go_on(listener, notification->id);
	vdk_answer_void(inflight, notification->id);
}

void vdk_answer_leftovers(struct vdk_inflight *inflight, int listener)
{
	/* Twice at worst: who was answered already is not asked about any more (-ENOENT). */
	if (inflight->received.id)
		go_on(listener, inflight->received.id);
	for (size_t i = 0; i < VDK_INFLIGHT_MAX; i++) {
		const uint64_t id = atomic_exchange_explicit(&inflight->id[i], 0,
		                                             memory_order_relaxed);

		if (id)
			go_on(listener, id);
	}
}
