/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hostinfo's functions by the rules of their ABI: sizes of older and newer programs, odd addresses
 * and bad ones. Runs attached, with a publisher. Exit 0: all hold.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
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

typedef int all_fn(void *out, const size_t *sizes, uint32_t count);

/* Structs of any sizes one behind the other, and nothing else written. */
static void all_at_once(all_fn *all, const size_t whole[6], give_fn *const give[6])
{
	static unsigned char out[8192], one[4096];

	for (unsigned round = 0; round < 5000; round++) {
		size_t sizes[8], sum = 0;
		const uint32_t count = (uint32_t)rand() % 9;

		for (uint32_t i = 0; i < 8; i++) {
			const size_t usual = i < 6 ? whole[i] : 64;
			const size_t other[] = {0, HEAD, usual, usual, usual - 8, usual + 8, HEAD + 3};

			sizes[i] = other[(size_t)rand() % 7];
		}
		memset(out, CANARY, sizeof(out));
		check(all(out, sizes, count) == 0, "all", "result", count);
		for (uint32_t i = 0; i < count; i++) {
			if (i >= 6)
				check(is_all(out + sum, 0, sizes[i]), "all", "unknown struct", i);
			else if (sizes[i] && give[i](one, sizes[i]) == 0)
				check(!memcmp(out + sum, one, 8), "all", "bits of `known`", i);
			if (i < 6 && sizes[i] > whole[i])
				check(is_all(out + sum + whole[i], 0, 8), "all", "zero tail", i);
			sum += sizes[i];
		}
		check(is_all(out + sum, CANARY, 512), "all", "nothing behind is written", sum);
	}
}

static void all_refusals(all_fn *all, const size_t whole[6])
{
	unsigned char out[2048];
	size_t sizes[6];

	memset(out, CANARY, sizeof(out));
	check(all(NULL, whole, 6) == -EFAULT, "all", "NULL: expected -EFAULT", 0);
	check(all(out, NULL, 6) == -EFAULT, "all", "no sizes: expected -EFAULT", 0);
	check(all(out, whole, UINT32_MAX) == -EINVAL, "all", "count: expected -EINVAL", 0);
	memcpy(sizes, whole, sizeof(sizes));
	sizes[5] = SIZE_MAX;
	check(all(out, sizes, 6) == -EINVAL, "all", "a size: expected -EINVAL", 0);
	check(is_all(out, CANARY, sizeof(out)), "all", "untouched after -EINVAL", 0);
	sizes[5] = HEAD - 1;
	check(all(out, sizes, 6) == -EINVAL, "all", "too small: expected -EINVAL", 0);
	check(!is_all(out, CANARY, HEAD), "all", "too small: the others are filled", 0);
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
	all_fn *const together = (all_fn *)vdk_lookup("__vdso_vdk_hostinfo_all", "LINUX_2.6");
	give_fn *gives[6];
	size_t whole[6];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char symbol[64];
		give_fn *give;

		snprintf(symbol, sizeof(symbol), "__vdso_vdk_hostinfo_%s", all[i].name);
		give = (give_fn *)vdk_lookup(symbol, "LINUX_2.6");
		if (!give) {
			printf("no %s\n", symbol);
			return 1;
		}
		gives[i] = give;
		whole[i] = all[i].size;
		sizes(all[i].name, give, all[i].size);
		refusals(all[i].name, give, all[i].size);
		end_of_memory(all[i].name, give, all[i].size);
	}
	if (!together)
		return 1;
	all_at_once(together, whole, gives);
	all_refusals(together, whole);
	printf("%d failures\n", failures);
	return failures != 0;
}
