/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Starts programs in every way there is, and prints the same each time, whoever runs it:
 *
 *   storm [OTHER...]     one round; OTHER are further builds of this file, static or 32-bit say
 *   storm leaf N         what is started: prints one line, exits with N % 100
 *
 * With STORM_UNATTACHED=FILE in the environment a leaf in which the functions of the image `sample`
 * are not found adds a line with what it is to that file (not the 32-bit ones, which no image is
 * attached to).
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __x86_64__
#include <vdk/lookup.h>
#endif

#define TREE_DEPTH 5
#define SPAWNS 6
#define THREADS 4
#define CHAIN 12

extern char **environ;

static const char *self;
static char leaf_word[] = "leaf";
static unsigned started; /* programs, not counting those that could not be */

/* ---- What is started ---- */

static void tell_unattached(const char *what, int number)
{
#ifdef __x86_64__
	const char *file = getenv("STORM_UNATTACHED");
	char line[64];
	int fd, size;

	if (!file || vdk_lookup("__vdso_sample_pair", "LINUX_2.6"))
		return;
	fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	size = snprintf(line, sizeof(line), "%s %d\n", what, number);
	if (fd < 0 || write(fd, line, (size_t)size) != size)
		_exit(98);
	close(fd);
#endif
}

static int leaf(int number)
{
	struct timespec now;

	tell_unattached("leaf", number);
	if (clock_gettime(CLOCK_MONOTONIC, &now) || now.tv_nsec >= 1000000000)
		return 97;
	printf("leaf %d\n", number);
	fflush(stdout);
	return number % 100;
}

/* Executes itself again and again, and ends as a leaf. */
static int chain(int left)
{
	char number[16];

	tell_unattached("chain", left);
	snprintf(number, sizeof(number), "%d", left - 1);
	execl(self, self, left > 1 ? "chain" : "leaf", left > 1 ? number : "50", (char *)NULL);
	perror("chain");
	return 96;
}

/* ---- Ways to start it ---- */

static void tell(const char *how, pid_t pid)
{
	int status = 0;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		printf("%s: %s\n", how, strerror(errno));
	else
		printf("%s: status %x\n", how, (unsigned)status);
	fflush(stdout);
	started++;
}

static void by_spawn(const char *program, int number)
{
	char text[16];
	char *const argv[] = {(char *)(uintptr_t)program, leaf_word, text, NULL};
	pid_t pid = -1;

	snprintf(text, sizeof(text), "%d", number);
	errno = posix_spawn(&pid, program, NULL, NULL, argv, environ);
	tell("posix_spawn", pid);
}

static void by_vfork(int number)
{
	char text[16];
	pid_t pid;

	snprintf(text, sizeof(text), "%d", number);
	/* Deprecated or not, programs call it. */
	// NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork)
	pid = vfork();
	if (pid == 0) {
		execl(self, self, "leaf", text, (char *)NULL);
		_exit(127);
	}
	tell("vfork", pid);
}

static void by_descriptor(int number)
{
	char text[16];
	const int fd = open(self, O_RDONLY | O_CLOEXEC);
	const pid_t pid = fork();

	snprintf(text, sizeof(text), "%d", number);
	if (pid == 0) {
		fexecve(fd, (char *[]){leaf_word, leaf_word, text, NULL}, environ);
		_exit(127);
	}
	close(fd);
	tell("fexecve", pid);
}

static void by_chain(void)
{
	const pid_t pid = fork();

	if (pid == 0)
		_exit(chain(CHAIN));
	tell("chain", pid);
	started += CHAIN;
}

/* A tree of forks, each of which hands the sum of its children's statuses up. */
static int tree(int depth)
{
	int sum = 1;

	for (int i = 0; i < 2 && depth > 0; i++) {
		const pid_t pid = fork();
		int status = 0;

		if (pid == 0)
			_exit(tree(depth - 1));
		if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
			return 255;
		sum += WEXITSTATUS(status);
	}
	return sum;
}

static void *thread(void *argument)
{
	const long number = (long)argument;
	const pid_t pid = fork();
	int status = 0;

	/* Leaves of several threads would print in any order. */
	if (pid == 0) {
		if (dup2(open("/dev/null", O_WRONLY), 1) < 0)
			_exit(95);
		execl(self, self, "leaf", number & 1 ? "31" : "32", (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		status = -1;
	return (void *)(long)status;
}

static void by_threads(void)
{
	pthread_t threads[THREADS];
	void *status = NULL;

	for (long i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, thread, (void *)i))
			exit(94);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &status);
		printf("thread %d: status %lx\n", i, (unsigned long)status);
	}
	started += THREADS;
}

static void *execs(void *argument)
{
	execl(self, self, "leaf", "60", (char *)NULL);
	_exit(127); /* or the first thread would wait for ever */
	return argument;
}

/* A thread that is not the first executes, which ends all the others. */
static void by_other_thread(void)
{
	const pid_t pid = fork();

	if (pid == 0) {
		pthread_t one;

		if (pthread_create(&one, NULL, execs, NULL) == 0)
			for (;;)
				pause();
		_exit(127);
	}
	tell("exec by a thread", pid);
}

static void failing(const char *path)
{
	execl(path, path, (char *)NULL);
	printf("%s: %s\n", path, strerror(errno));
	fflush(stdout);
}

static int round_of(int count, char *const others[])
{
	for (int i = 0; i < SPAWNS; i++) {
		by_spawn(self, 10 + i);
		by_vfork(20 + i);
	}
	failing("/no/such/program");
	by_descriptor(30);
	failing("/dev/null");
	by_threads();
	by_chain();
	by_other_thread();
	printf("tree: %d\n", tree(TREE_DEPTH));
	fflush(stdout);
	for (int i = 0; i < count; i++)
		by_spawn(others[i], 40 + i);
	printf("started %u programs and %u forks\n", started, (2u << TREE_DEPTH) - 2);
	return 0;
}

int main(int argc, char **argv)
{
	self = "/proc/self/exe";
	if (argc == 3 && !strcmp(argv[1], "leaf"))
		return leaf(atoi(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "chain"))
		return chain(atoi(argv[2]));
	tell_unattached("round", 0);
	return round_of(argc - 1, argv + 1);
}
