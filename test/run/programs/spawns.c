/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spawns - every way to start a program: posix_spawn, vfork and exec, system, popen, execveat of a
 * descriptor, and an exec by a thread that is not the first, which ends all others.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void tell_status(const char *how, pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		printf("%s: %s\n", how, strerror(errno));
	else
		printf("%s: status %x\n", how, (unsigned int)status);
	fflush(stdout);
}

static void *sleeper(void *unused)
{
	for (;;)
		pause();
	return NULL;
}

static void *execer(void *unused)
{
	execlp("sh", "sh", "-c", "date '+time thread %s'; kill -USR1 $$", (char *)NULL);
	_exit(1);
}

int main(void)
{
	char *const spawned[] = { "date", "+time posix_spawn %s", NULL };
	char *const missing[] = { "no such program", NULL };
	const int fd = open("/bin/date", O_RDONLY | O_CLOEXEC);
	pthread_t threads[3];
	char line[64] = "";
	FILE *pipe;
	pid_t pid;

	if (posix_spawnp(&pid, spawned[0], NULL, NULL, spawned, environ) == 0)
		tell_status("posix_spawn", pid);
	printf("missing: %s\n", strerror(posix_spawnp(&pid, missing[0], NULL, NULL, missing, environ)));
	fflush(stdout);
	pid = vfork();
	if (pid == 0) {
		execlp("date", "date", "+time vfork %s", (char *)NULL);
		_exit(1);
	}
	tell_status("vfork", pid);
	pid = fork();
	if (pid == 0) {
		fexecve(fd, (char *[]){ "date", "+time fexecve %s", NULL }, environ);
		_exit(1);
	}
	tell_status("fexecve", pid);
	/* That they work is what is tried. NOLINTNEXTLINE(cert-env33-c) */
	printf("system: %x\n", (unsigned int)system("date '+time system %s'; exit 3"));
	// NOLINTNEXTLINE(cert-env33-c)
	pipe = popen("date '+time popen %s'", "r");
	fputs(fgets(line, sizeof(line), pipe), stdout);
	printf("pclose: %x\n", (unsigned int)pclose(pipe));
	fflush(stdout);

	pthread_create(&threads[0], NULL, sleeper, NULL);
	pthread_create(&threads[1], NULL, sleeper, NULL);
	pthread_create(&threads[2], NULL, execer, NULL);
	for (;;)
		pause();
}
