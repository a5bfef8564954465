/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two small arrays: some ten threads at a time at most, whatever the tree does. */
#include "attach/hands.h"

#include <stdlib.h>

#include "attach/thread.h"

/* Room for one more element, by doubling. */
static bool make_room(void **array, size_t count, size_t *room, size_t size)
{
	void *larger;

	if (count < *room)
		return true;
	larger = reallocarray(*array, *room ? *room * 2 : 16, size);
	if (!larger)
		return false;
	*array = larger;
	*room = *room ? *room * 2 : 16;
	return true;
}

struct vdk_hand *vdk_hands_find(const struct vdk_hands *hands, pid_t tid)
{
	for (size_t i = 0; i < hands->count; i++)
		if (hands->hands[i].tid == tid)
			return &hands->hands[i];
	return NULL;
}

bool vdk_hands_make_room(struct vdk_hands *hands)
{
	return make_room((void **)&hands->hands, hands->count, &hands->room,
	                 sizeof(*hands->hands));
}

void vdk_hands_add(struct vdk_hands *hands, const struct vdk_hand *hand)
{
	hands->hands[hands->count++] = *hand;
}

void vdk_hands_drop(struct vdk_hands *hands, pid_t tid)
{
	struct vdk_hand *hand = vdk_hands_find(hands, tid);

	if (hand)
		*hand = hands->hands[--hands->count];
}

void vdk_hands_drop_process(struct vdk_hands *hands, pid_t process)
{
	for (size_t i = 0; i < hands->count; i++)
		if (hands->hands[i].process == process) {
			hands->hands[i] = hands->hands[--hands->count];
			return;
		}
}

bool vdk_hands_has_sibling(const struct vdk_hands *hands, pid_t tid)
{
	pid_t process;

	if (!hands->count)
		return false;
	process = vdk_thread_process(tid);
	for (size_t i = 0; i < hands->count; i++)
		if (hands->hands[i].tid != tid && hands->hands[i].process == process)
			return true;
	return false;
}

bool vdk_hands_put_off(struct vdk_hands *hands, uint64_t id, pid_t tid)
{
	if (!make_room((void **)&hands->put_offs, hands->put_off_count, &hands->put_off_room,
	               sizeof(*hands->put_offs)))
		return false;
	hands->put_offs[hands->put_off_count++] = (struct vdk_put_off){.id = id, .tid = tid};
	return true;
}

bool vdk_hands_take_up(struct vdk_hands *hands, struct vdk_put_off *ret)
{
	for (size_t i = 0; i < hands->put_off_count; i++) {
		if (vdk_hands_has_sibling(hands, hands->put_offs[i].tid))
			continue;
		*ret = hands->put_offs[i];
		hands->put_offs[i] = hands->put_offs[--hands->put_off_count];
		return true;
	}
	return false;
}

void vdk_hands_free(struct vdk_hands *hands)
{
	free(hands->hands);
	free(hands->put_offs);
}
