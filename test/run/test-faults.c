/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test-faults IMAGE - each call by which vdk attaches and follows is refused in turn
 *
 * The library is linked so that its calls come by here (ld's --wrap), in each of its processes. For
 * each kind of call the first, the second, ... one fails as the kernel may let it fail, in a tree of
 * its own, until there is none left of it. Whatever fails: the tree ends, soon, and no process of
 * ours stays behind; what `vdk run` became never runs unattached, unless the supervisor's worker ends
 * amid its exec; and a tree that runs goes on executing programs.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vdk/attach.h>
#include <vdk/publish.h>

#include "refuse.h"

/* ---- The tree ------------------------------------------------------------------------------ */

/* What its exit status says: RAN and these. */
#define RAN 32
#define FIRST_ATTACHED 1
#define SECOND_ATTACHED 2
#define EXEC_FAILED 4
#define OLD_FAILED 8 /* its call of the vsyscall page */
#define ALL (RAN | FIRST_ATTACHED | SECOND_ATTACHED)

#define VSYSCALL_TIME 0xffffffffff600400 /* fixed in x86-64's ABI */

static bool is_attached(const char *image)
{
	FILE *file = fopen("/proc/self/maps", "re");
	char line[4096];
	bool found = false;

	while (file && fgets(line, sizeof(line), file))
		found |= strstr(line, image) != NULL;
	if (file)
		fclose(file);
	return found;
}

static int second(const char *self, const char *image)
{
	const pid_t child = fork();
	int status = -1;

	if (!child) {
		execl(self, self, "second", image, (char *)NULL);
		_exit(127);
	}
	waitpid(child, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		return EXEC_FAILED;
	return WEXITSTATUS(status) ? 0 : SECOND_ATTACHED;
}

/* An exec that fails, and a rest after it, which makes the supervisor's worker retire; a second program. */
static int first(const char *self, const char *image, bool old)
{
	int result = RAN | (is_attached(image) ? FIRST_ATTACHED : 0);
	long told = 0;

	execl("/no/such/program", "none", (char *)NULL);
	if (errno != ENOENT)
		result |= EXEC_FAILED;
	usleep(15000);
	if (old && (labs(((long (*)(long *))VSYSCALL_TIME)(&told) - (long)time(NULL)) > 5 || !told))
		result |= OLD_FAILED;
	return result | second(self, image);
}

/* ---- The faults ---------------------------------------------------------------------------- */

enum { FOLLOW, ONCE, OLD, OLD_ONCE, MODES }; /* old: calls of the vsyscall page are caught, too */

/* The worker ends by it: what it was about starts unattached, as when it is killed. */
#define ENDS_WORKER 1

static const struct fault {
	const char *name;
	enum call call;
	unsigned long which;
	int error;
	unsigned flags;
} faults[] = {
	{"a seize, as of one that is traced", PTRACE, PTRACE_SEIZE, EPERM, 0},
	{"the number before an exec", PTRACE, PTRACE_GETEVENTMSG, ESRCH, 0},
	{"registers, read", PTRACE, PTRACE_GETREGSET, EIO, 0},
	{"registers, written", PTRACE, PTRACE_SETREGSET, EIO, 0},
	{"a write into memory", PWRITE, 0, EIO, 0},
	{"a read of memory or a file", PREAD, 0, EIO, 0},
	{"a descriptor", OPEN, 0, EMFILE, 0},
	{"a file", FOPEN, 0, EMFILE, 0},
	{"a file's identity", FSTAT, 0, EIO, 0},
	{"a read", READ, 0, EIO, 0},
	{"memory of another process", READV, 0, EPERM, 0},
	{"both ways into memory", MEMORY, 0, EIO, 0},
	{"a write by a program's number", WRITEV, 0, EPERM, 0},
	{"a write", WRITE, 0, EPIPE, 0},
	{"a process", FORK, 0, EAGAIN, 0},
	{"a child of the caller", SYSCALL, SYS_clone, EAGAIN, 0},
	{"memory", ALLOCATE, 0, ENOMEM, 0},
	{"a mapping", MMAP, 0, ENOMEM, 0},
	{"a wait that a signal ends", WAITPID, 0, EINTR, 0},
	{"a poll that a signal ends", POLL, 0, EINTR, 0},
	{"a poll", POLL, 0, ENOMEM, ENDS_WORKER},
	{"a descriptor for signals", SIGNALFD, 0, EMFILE, 0},
	{"a mask of signals", SIGPROCMASK, 0, EINVAL, 0},
	{"a pair of sockets", SOCKETPAIR, 0, EMFILE, 0},
	{"a message", SENDMSG, 0, EPIPE, 0},
	{"a message's arrival", RECVMSG, 0, ENOMEM, 0},
	{"a pipe", PIPE2, 0, EMFILE, 0},
	{"the way to another folder", CHDIR, 0, EACCES, 0},
	{"a descriptor's flags", FCNTL, 0, EBADF, 0},
	{"a filter", SYSCALL, SYS_seccomp, EINVAL, 0},
	{"the caller's capabilities", SYSCALL, SYS_capget, EPERM, 0},
	{"a descriptor of a process", SYSCALL, SYS_pidfd_open, EMFILE, 0},
	{"the end of descriptors", SYSCALL, SYS_close_range, ENOSYS, 0},
	{"a notification of who was killed", IOCTL, SECCOMP_IOCTL_NOTIF_RECV, ENOENT, 0},
	{"a notification that a signal ends", IOCTL, SECCOMP_IOCTL_NOTIF_RECV, EINTR, 0},
	{"a notification", IOCTL, SECCOMP_IOCTL_NOTIF_RECV, EFAULT, ENDS_WORKER},
	{"an answer that a signal ends", IOCTL, SECCOMP_IOCTL_NOTIF_SEND, EINTR, 0},
	{"a descriptor for the program", IOCTL, SECCOMP_IOCTL_NOTIF_ADDFD, EMFILE, 0},
};

#define REFUSED 100 /* the exit status of a caller that was told why */
#define SILENT 101

static char self[4096];
static const char *image;
static int failures;

/* Becomes the tree, or says why not. */
static void become(int mode)
{
	static const char *const kinds[MODES] = {"first", "first", "old", "old"};
	char *argv[] = {self, (char *)kinds[mode], (char *)image, NULL};
	struct vdk_publication publication = VDK_PUBLICATION_CLOSED;
	struct vdk_report report = {0};
	struct vdk_attach attach = {.page_fd = -1};

	if (vdk_image_open(image, &publication, &report)) {
		fprintf(stderr, "%s %s\n", report.object, report.text);
		_exit(1);
	}
	attach.image_fd = publication.image_fd;
	attach.image_path = image;
	attach.image_size = publication.image_size;
	attach.finish = publication.note.finish;
	memcpy(attach.fallback, publication.note.fallback, sizeof(attach.fallback));
	attach.vsyscall = mode >= OLD ? VDK_ATTACH_VSYSCALL_EMULATE : VDK_ATTACH_VSYSCALL_AUTO;
	armed = true;
	if (mode == ONCE || mode == OLD_ONCE)
		vdk_attach_once(&attach, self, argv, &report);
	else
		vdk_attach_follow(&attach, self, argv, &report);
	armed = false;
	fprintf(stderr, "%s %s\n", report.object, report.text);
	_exit(report.error < 0 && *report.text ? REFUSED : SILENT);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

#define PATIENCE_MS 60000

/* The status of the tree, when all of it and of us is gone; -1: something hangs. */
static int wait_for_all(pid_t tree)
{
	const int64_t end = now_ms() + PATIENCE_MS;
	int status, result = -1;

	while (now_ms() < end) {
		const pid_t pid = waitpid(-1, &status, __WALL | WNOHANG);

		if (pid < 0 && errno == ECHILD)
			return result;
		if (pid == tree)
			result = status;
		if (pid <= 0)
			usleep(500);
	}
	return -1;
}

static void kill_children(void)
{
	char path[64], pids[4096], *at = pids, *end;
	FILE *file;
	size_t size;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	file = fopen(path, "re");
	size = file ? fread(pids, 1, sizeof(pids) - 1, file) : 0;
	pids[size] = '\0';
	for (long pid; (pid = strtol(at, &end, 10)) > 0; at = end)
		kill((pid_t)pid, SIGKILL);
	if (file)
		fclose(file);
	while (waitpid(-1, NULL, __WALL) > 0)
		;
}

/* NULL: the tree ended as it may. */
static const char *judge(int status, unsigned flags, bool said)
{
	int result;

	if (status == -1)
		return "something hangs";
	/* Where nothing else helps, a program that must not run is killed. */
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGKILL && said ? NULL : "killed";
	result = WEXITSTATUS(status);
	if (result == REFUSED || result == 77)
		return said ? NULL : "refused without a word";
	if (!(result & RAN) || result & ~(ALL | EXEC_FAILED | OLD_FAILED))
		return "an exit status that it does not have";
	if (!(result & FIRST_ATTACHED) && !(flags & ENDS_WORKER))
		return "what must not run unattached does";
	if (result & OLD_FAILED && !said && !(flags & ENDS_WORKER))
		return "a call of the vsyscall page is not caught, without a word";
	if (result & EXEC_FAILED)
		return "an exec failed";
	return NULL;
}

/* One tree, with one refusal. False: it did not come to that. */
static bool try(const struct fault *fault, int mode, long number)
{
	FILE *messages = tmpfile();
	const int64_t began = now_ms();
	const char *wrong;
	char text[512] = "";
	pid_t tree;
	int status;

	plan->call = fault->call;
	plan->which = fault->which;
	plan->error = fault->error;
	plan->left = number;
	plan->happened = false;
	tree = fork();
	if (!tree) {
		dup2(fileno(messages), STDERR_FILENO);
		become(mode);
	}
	status = wait_for_all(tree);
	if (status == -1)
		kill_children();
	rewind(messages);
	text[fread(text, 1, sizeof(text) - 1, messages)] = '\0';
	fclose(messages);
	wrong = judge(status, fault->flags, *text);
	if (!plan->happened && status != ALL << 8 &&
	    !((mode == ONCE || mode == OLD_ONCE) && status == (RAN | FIRST_ATTACHED) << 8))
		wrong = "not as it is without any refusal";
	if (wrong || getenv("FAULTS_TOLD")) {
		printf("# mode %d, %s, %ld: status %#x after %lld ms%s%s\n%s", mode, fault->name,
		       number, status, (long long)(now_ms() - began), wrong ? ": " : "",
		       wrong ? wrong : "", text);
		failures += wrong != NULL;
	}
	return plan->happened;
}

int main(int argc, char **argv)
{
	const char *only = getenv("FAULTS_ONLY");
	long points = 0;

	if (argc == 3 && !strcmp(argv[1], "second"))
		return !is_attached(argv[2]);
	if (argc == 3)
		return first("/proc/self/exe", argv[2], !strcmp(argv[1], "old"));
	image = argv[1];
	if (argc != 2 || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 2;
	plan = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	/* Our processes are nobody's children: they are to become ours, so that we see their end. */
	if (plan == MAP_FAILED || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
		return 1;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (only && !strstr(faults[i].name, only))
			continue;
		for (int mode = 0; mode < MODES; mode++) {
			long number = 1;

			while (number < 200 && try(&faults[i], mode, number))
				number++;
			points += number - 1;
		}
		printf("ok %zu - %s\n", i + 1, faults[i].name);
		fflush(stdout);
	}
	printf("1..%zu\nfigure refused_calls %ld\n%d failures\n", sizeof(faults) / sizeof(faults[0]),
	       points, failures);
	return failures != 0;
}
