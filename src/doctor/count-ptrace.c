/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counting a running process by stopping it at each of its system calls, for a short while. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor/trace.h"

#define THREADS_MAX 4096

struct threads {
	size_t count;
	pid_t threads[THREADS_MAX];
};

static bool has(const struct threads *threads, pid_t thread)
{
	for (size_t i = 0; i < threads->count; i++)
		if (threads->threads[i] == thread)
			return true;
	return false;
}

int doctor_open_threads(const struct vdk_process *process, DIR **ret_folder)
{
	const int fd = openat(process->dir_fd, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);

	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	if (!folder) {
		close(fd);
		return -ENOMEM;
	}
	*ret_folder = folder;
	return 0;
}

/* Return: how many more were seized; a negative errno. */
static int seize_new(struct threads *threads, const struct vdk_process *process)
{
	struct dirent *entry;
	DIR *folder;
	int seized = 0, error = doctor_open_threads(process, &folder);

	if (error)
		return error;
	while (!error && (entry = readdir(folder))) {
		const pid_t thread = atoi(entry->d_name);

		if (thread <= 0 || has(threads, thread) || threads->count == THREADS_MAX)
			continue;
		if (ptrace(PTRACE_SEIZE, thread, 0L, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE)) {
			/* It ended, or it is new and seized already by its creator's option. */
			if (errno != ESRCH && !(errno == EPERM && seized))
				error = -errno;
			continue;
		}
		threads->threads[threads->count++] = thread;
		/*
		 * From now on the number is its own until we have seen its end. Was it one of these
		 * before? Else it ended, and its number was given away: then it is let go with the
		 * others, uncounted.
		 */
		if (faccessat(dirfd(folder), entry->d_name, F_OK, 0)) {
			error = -ESRCH;
			continue;
		}
		ptrace(PTRACE_INTERRUPT, thread, 0L, 0L);
		seized++;
	}
	closedir(folder);
	return error ? error : seized;
}

/*
 * Let go of a thread that stopped for whatever reason: a signal that it was about to get goes with
 * it, everything else was ours.
 */
static void let_go(pid_t thread, int status)
{
	const int signal = WSTOPSIG(status);
	const bool own = status >> 16 || signal == (SIGTRAP | 0x80);

	ptrace(PTRACE_DETACH, thread, 0L, (long)(own ? 0 : signal));
}

/* Every tracee, also those that appeared meanwhile: they stop by themselves when they begin. */
static void release_all(const struct threads *threads)
{
	int status;
	pid_t thread;

	for (size_t i = 0; i < threads->count; i++)
		ptrace(PTRACE_INTERRUPT, threads->threads[i], 0L, 0L);
	while ((thread = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR)
		if (thread > 0 && WIFSTOPPED(status))
			let_go(thread, status);
}

int doctor_count_ptrace(const struct vdk_process *process, double seconds,
                        const struct doctor_guard *guard, struct doctor_calls *ret_calls)
{
	struct doctor_calls calls = {.method = "ptrace", .processes = 1};
	static struct trace trace;
	static struct threads threads;
	const double cpu = trace_cpu_seconds(process);
	sigset_t child, before;
	int seized;

	trace = (struct trace){.calls = &calls, .every = true, .guard = guard, .first = process->pid};
	threads.count = 0;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before);
	/* Until there is none that we do not have: threads that run may make others meanwhile. */
	do
		seized = seize_new(&threads, process);
	while (seized > 0);
	trace.start = trace_now();
	if (seized == 0)
		trace_until(&trace, trace.start + seconds);
	calls.seconds = trace_now() - trace.start;
	calls.cpu_seconds = trace_cpu_seconds(process) - cpu;
	release_all(&threads);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (seized < 0)
		return seized;
	*ret_calls = calls;
	return 0;
}
