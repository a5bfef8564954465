/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A worker that dies holding a notification: its successor knows of it, whenever that was. The
 * programs here really wait in execve, and the workers are processes that are gone.
 */
#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "attach/answer.h"
#include "attach/filter.h"

struct shared {
	int listener; /* -1 no filter can be had here */
	struct vdk_inflight inflight;
};

/* The child waits in its execve of true(1), and we have its listener: descriptors are shared. */
static pid_t start_waiting(struct shared *shared)
{
	struct pollfd polled = {.events = POLLIN};
	pid_t child;

	shared->listener = -2;
	child = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
	assert_true(child >= 0);
	if (!child) {
		shared->listener = -1;
		if (!vdk_filter_install(0, &shared->listener, NULL))
			execl("/bin/true", "true", NULL);
		_exit(99);
	}
	while (*(volatile int *)&shared->listener < 0) {
		int status;

		if (waitpid(child, &status, WNOHANG) == child)
			skip(); /* a sandbox around this test forbids filters */
		usleep(1000);
	}
	polled.fd = shared->listener;
	assert_int_equal(poll(&polled, 1, 10000), 1);
	return child;
}

/* Whether the program ends by itself, with its own result. */
static bool went_on(pid_t child)
{
	int status = -1;

	for (int i = 0; i < 5000; i++) {
		if (waitpid(child, &status, WNOHANG) == child)
			return WIFEXITED(status) && WEXITSTATUS(status) == 0;
		usleep(1000);
	}
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return false;
}

static struct shared *share(void)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(shared != MAP_FAILED);
	return shared;
}

static void run_worker(struct shared *shared, void (*worker)(struct shared *))
{
	const pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		worker(shared);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
}

/* It dies as the system call returns: the note was never made. */
static void receive_only(struct shared *shared)
{
	ioctl(shared->listener, SECCOMP_IOCTL_NOTIF_RECV, &shared->inflight.received);
}

static void receive_and_note(struct shared *shared)
{
	vdk_answer_receive(&shared->inflight, shared->listener);
}

static void check_successor(void (*worker)(struct shared *))
{
	struct shared *shared = share();
	const pid_t child = start_waiting(shared);

	run_worker(shared, worker);
	assert_int_not_equal(shared->inflight.received.id, 0);
	assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
	vdk_answer_leftovers(&shared->inflight, shared->listener);
	assert_true(went_on(child));
	close(shared->listener);
	munmap(shared, sizeof(*shared));
}

static void a_worker_dies_before_its_first_note(void **state)
{
	check_successor(receive_only);
}

static void a_worker_dies_before_its_answer(void **state)
{
	check_successor(receive_and_note);
}

/* What was answered is owed no more, and a second answer to it harms nobody. */
static void answers_are_given_once(void **state)
{
	struct shared *shared = share();
	const pid_t child = start_waiting(shared);
	struct vdk_inflight *inflight = &shared->inflight;

	assert_int_equal(vdk_answer_receive(inflight, shared->listener), 0);
	assert_int_equal(inflight->id[0], inflight->received.id);
	vdk_answer_go_on(inflight, shared->listener, inflight->received.id);
	assert_int_equal(inflight->id[0], 0);
	vdk_answer_leftovers(inflight, shared->listener);
	assert_true(went_on(child));
	close(shared->listener);
	munmap(shared, sizeof(*shared));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_worker_dies_before_its_first_note),
	        cmocka_unit_test(a_worker_dies_before_its_answer),
	        cmocka_unit_test(answers_are_given_once),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
