/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hostinfo's functions by the rules of their ABI: sizes of older and newer programs, odd addresses
 * and bad ones. Runs attached, with a publisher. Exit 0: all hold.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vdk/lookup.h>

#include "hostinfo.h"

#define CANARY 0xa5
#define HEAD 24

typedef int give_fn(void *out, size_t size);

static int failures;

static void check(bool held, const char *name, const char *what, size_t size)
{
	if (held)
		return;
	printf("%s: %s (size %zu)\n", name, what, size);
	failures++;
}

static bool is_all(const unsigned char *at, unsigned char value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (at[i] != value)
			return false;
	return true;
}

/* What does not change from sample to sample: one bit of `known` per value says enough. */
static void sizes(const char *name, give_fn *give, size_t whole)
{
	unsigned char full[4096], out[4096];

	check(give(full, whole) == 0, name, "whole struct", whole);
	for (size_t size = HEAD; size <= whole + 200; size++) {
		const size_t at = size % 8; /* aligned to nothing */

		memset(out, CANARY, sizeof(out));
		check(give(out + at, size) == 0, name, "result", size);
		check(memcmp(out + at, full, 8) == 0, name, "bits of `known`", size);
		check(is_all(out, CANARY, at), name, "nothing before it is written", size);
		check(is_all(out + at + size, CANARY, 512), name, "nothing behind it is written",
		      size);
		if (size > whole)
			check(is_all(out + at + whole, 0, size - whole), name,
			      "a newer program's tail is zero", size);
	}
}

static void refusals(const char *name, give_fn *give, size_t whole)
{
	static const size_t wrong[] = {0, 1, 8, HEAD - 1, 16385, SIZE_MAX / 2, SIZE_MAX};
	unsigned char out[64];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memset(out, CANARY, sizeof(out));
		check(give(out, wrong[i]) == -EINVAL, name, "expected -EINVAL", wrong[i]);
		check(is_all(out, CANARY, sizeof(out)), name, "untouched after -EINVAL", wrong[i]);
	}
	check(give(NULL, whole) == -EFAULT, name, "NULL: expected -EFAULT", whole);
}

/* A bad pointer is a SIGSEGV or -EFAULT, as with any vDSO; never a write elsewhere. */
static void bad_pointer(const char *name, give_fn *give, size_t whole, void *pointer)
{
	const pid_t child = fork();
	int status = 0;

	if (child == 0) {
		signal(SIGSEGV, SIG_DFL);
		_exit(give(pointer, whole) == -EFAULT ? 0 : 1);
	}
	waitpid(child, &status, 0);
	check((WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV) ||
	              (WIFEXITED(status) && WEXITSTATUS(status) == 0),
	      name, "bad pointer: expected SIGSEGV or -EFAULT", whole);
}

/* The last byte that may be written is the last of the struct. */
static void end_of_memory(const char *name, give_fn *give, size_t whole)
{
	unsigned char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	                          -1, 0);

	mprotect(map + 4096, 4096, PROT_NONE);
	for (size_t size = HEAD; size <= whole; size++)
		check(give(map + 4096 - size, size) == 0, name, "at the end of memory", size);
	bad_pointer(name, give, whole, map + 4096);
	mprotect(map, 4096, PROT_READ);
	bad_pointer(name, give, whole, map);
	bad_pointer(name, give, whole, (void *)(UINTPTR_MAX - 7));
	munmap(map, 8192);
}

int main(void)
{
	static const struct {
		const char *name;
		size_t size;
	} all[] = {
		{"load", sizeof(struct hostinfo_load)},
		{"memory", sizeof(struct hostinfo_memory)},
		{"cgroup", sizeof(struct hostinfo_cgroup)},
		{"pressure", sizeof(struct hostinfo_pressure)},
		{"cgroup_pressure", sizeof(struct hostinfo_cgroup_pressure)},
		{"identity", sizeof(struct hostinfo_identity)},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char symbol[64];
		give_fn *give;

		snprintf(symbol, sizeof(symbol), "__vdso_vdk_hostinfo_%s", all[i].name);
		give = (give_fn *)vdk_lookup(symbol, "LINUX_2.6");
		if (!give) {
			printf("no %s\n", symbol);
			return 1;
		}
		sizes(all[i].name, give, all[i].size);
		refusals(all[i].name, give, all[i].size);
		end_of_memory(all[i].name, give, all[i].size);
	}
	printf("%d failures\n", failures);
	return failures != 0;
}
