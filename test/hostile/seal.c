/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seal - try everything that would change the mappings in front of and at AT_SYSINFO_EHDR: a line
 * for each mapping and attempt, "sealed" (EPERM), "changed", or the error.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct range {
	uintptr_t start, end;
};

static long try_munmap(struct range r) { return syscall(SYS_munmap, r.start, r.end - r.start); }
static long try_mprotect(struct range r)
{
	return syscall(SYS_mprotect, r.start, r.end - r.start, PROT_NONE);
}
static long try_move(struct range r)
{
	return syscall(SYS_mremap, r.start, r.end - r.start, r.end - r.start,
	               MREMAP_MAYMOVE | MREMAP_FIXED, r.start - (1ul << 30)) == -1 ? -1 : 0;
}
static long try_cover(struct range r)
{
	return syscall(SYS_mmap, r.start, r.end - r.start, PROT_READ,
	               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == -1 ? -1 : 0;
}

static const struct {
	const char *name;
	long (*try)(struct range range);
} attempts[] = {
	{"munmap", try_munmap}, {"mprotect", try_mprotect}, {"mremap", try_move}, {"mmap", try_cover},
};

/* Each in a child of its own: what it changes is gone with it. */
static void attempt(const char *where, struct range range)
{
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		int status = 0;
		const pid_t child = fork();

		if (!child)
			_exit(attempts[i].try(range) ? errno : 0);
		waitpid(child, &status, 0);
		printf("%s %s: %s\n", where, attempts[i].name,
		       !WIFEXITED(status)             ? "killed"
		       : WEXITSTATUS(status) == EPERM ? "sealed"
		       : WEXITSTATUS(status) == 0     ? "changed"
		                                      : strerror(WEXITSTATUS(status)));
	}
}

int main(void)
{
	const uintptr_t image = getauxval(AT_SYSINFO_EHDR);
	struct range ranges[4096];
	size_t count = 0;
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[4400];

	while (maps && count < 4096 && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx", &ranges[count].start, &ranges[count].end) == 2)
			count++;
	setbuf(stdout, NULL);
	for (size_t i = 2; i < count; i++) {
		if (ranges[i].start != image)
			continue;
		attempt("image", ranges[i]);
		attempt("page", ranges[i - 1]);
		/* The kernel may have merged the process page with its neighbour: the last page is it. */
		attempt("process-page", (struct range){ranges[i - 1].start - 4096, ranges[i - 1].start});
	}
	return 0;
}
