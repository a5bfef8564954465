/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_HANDS_H
#define VDK_ATTACH_HANDS_H

/*
 * The threads that the supervisor has in hand: seized at their notification, not yet at their exec
 * stop. And the notifications that wait until another thread of their process is settled, since
 * two threads of one process must not be seized at once (supervise.c says why).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct vdk_hand {
	pid_t tid;
	pid_t process;   /* that it belongs to, whose number it takes by its exec */
	int64_t look_at; /* ms of CLOCK_MONOTONIC; when to look whether its exec failed */
	bool spared;     /* it did, and the thread may be in another system call */
	unsigned runs;   /* looks that found it running, and that it had run its own code since */
	unsigned long user_time; /* at the last look that found it running; clock ticks */
	bool foreign;    /* whom we meant had died before the seize, and its number was given away */
};

struct vdk_put_off {
	uint64_t id; /* of the notification */
	pid_t tid;
};

struct vdk_hands {
	struct vdk_hand *hands;
	size_t count, room;
	struct vdk_put_off *put_offs;
	size_t put_off_count, put_off_room;
};

/* The thread's; NULL: it is not in hand. Valid until one is added or dropped. */
struct vdk_hand *vdk_hands_find(const struct vdk_hands *hands, pid_t tid);

/* So that vdk_hands_add() cannot fail afterwards. Return: false: out of memory. */
bool vdk_hands_make_room(struct vdk_hands *hands);

void vdk_hands_add(struct vdk_hands *hands, const struct vdk_hand *hand);

/* Another one may take its place in the array. Nothing happens when it is not in hand. */
void vdk_hands_drop(struct vdk_hands *hands, pid_t tid);

/* The one of that process, whatever its number is now: there is no second one. */
void vdk_hands_drop_process(struct vdk_hands *hands, pid_t process);

/* Is another thread of this thread's process in hand? */
bool vdk_hands_has_sibling(const struct vdk_hands *hands, pid_t tid);

/* Return: false: out of memory. */
bool vdk_hands_put_off(struct vdk_hands *hands, uint64_t id, pid_t tid);

/* One whose process has no thread in hand any more, if there is one; it is no longer put off. */
bool vdk_hands_take_up(struct vdk_hands *hands, struct vdk_put_off *ret);

void vdk_hands_free(struct vdk_hands *hands);

#endif
