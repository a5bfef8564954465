/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The threads in hand: what is known of them by number and by process, and whose turn it is. The threads
 * are this process's own and a child's.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attach/hands.h"
#include "attach/thread.h"

static pthread_barrier_t barrier;

/* A second thread of this process: its number, and then it waits for the end. */
static void *be_second(void *number)
{
	*(pid_t *)number = (pid_t)syscall(SYS_gettid);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

static void add(struct vdk_hands *hands, pid_t tid)
{
	assert_true(vdk_hands_make_room(hands));
	vdk_hands_add(hands,
	              &(struct vdk_hand){.tid = tid, .process = vdk_thread_process(tid)});
}

static void a_thread_is_known_by_its_process(void **state)
{
	struct vdk_hands hands = {0};
	pthread_t thread;
	pid_t second;

	pthread_barrier_init(&barrier, NULL, 2);
	assert_int_equal(pthread_create(&thread, NULL, be_second, &second), 0);
	pthread_barrier_wait(&barrier);
	assert_int_equal(vdk_thread_process(getpid()), getpid());
	assert_int_equal(vdk_thread_process(second), getpid());
	add(&hands, second);
	assert_true(vdk_hands_has_sibling(&hands, getpid()));
	assert_false(vdk_hands_has_sibling(&hands, second));
	assert_false(vdk_hands_has_sibling(&hands, getppid()));
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	/* Its exec has given it the process's number, by which its end is told. */
	vdk_hands_drop(&hands, getpid());
	assert_non_null(vdk_hands_find(&hands, second));
	vdk_hands_drop_process(&hands, getpid());
	assert_null(vdk_hands_find(&hands, second));
	assert_int_equal(hands.count, 0);
	vdk_hands_free(&hands);
}

static void the_dead_have_no_process(void **state)
{
	const pid_t child = fork();

	assert_true(child >= 0);
	if (!child)
		_exit(0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(vdk_thread_process(child), 0);
}

static void who_is_put_off_waits_for_a_sibling(void **state)
{
	struct vdk_hands hands = {0};
	struct vdk_put_off turn = {0};
	pthread_t thread;
	pid_t second;

	pthread_barrier_init(&barrier, NULL, 2);
	assert_int_equal(pthread_create(&thread, NULL, be_second, &second), 0);
	pthread_barrier_wait(&barrier);
	assert_false(vdk_hands_take_up(&hands, &turn));
	add(&hands, second);
	assert_true(vdk_hands_put_off(&hands, 666, getpid()));
	assert_false(vdk_hands_take_up(&hands, &turn));
	vdk_hands_drop(&hands, second);
	assert_true(vdk_hands_take_up(&hands, &turn));
	assert_int_equal(turn.id, 666);
	assert_int_equal(turn.tid, getpid());
	assert_false(vdk_hands_take_up(&hands, &turn));
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	vdk_hands_free(&hands);
}

/* More than there is room for at first; each is still found when others have gone. */
static void there_is_room_for_many(void **state)
{
	struct vdk_hands hands = {0};

	for (pid_t tid = 1; tid <= 100; tid++) {
		assert_true(vdk_hands_make_room(&hands));
		vdk_hands_add(&hands, &(struct vdk_hand){.tid = tid, .process = tid});
		assert_true(vdk_hands_put_off(&hands, (uint64_t)tid, tid));
	}
	for (pid_t tid = 1; tid <= 100; tid += 2)
		vdk_hands_drop(&hands, tid);
	vdk_hands_drop(&hands, 1000);
	vdk_hands_drop_process(&hands, 1000);
	assert_int_equal(hands.count, 50);
	for (pid_t tid = 1; tid <= 100; tid++)
		assert_true(!vdk_hands_find(&hands, tid) == (tid % 2 == 1));
	vdk_hands_free(&hands);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_thread_is_known_by_its_process),
	        cmocka_unit_test(the_dead_have_no_process),
	        cmocka_unit_test(who_is_put_off_waits_for_a_sibling),
	        cmocka_unit_test(there_is_room_for_many),
	};

	return cmocka_run_group_tests_name("hands", tests, NULL, NULL);
}
