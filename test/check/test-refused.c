/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test-refused GOOD.so - what a check needs is refused, each single time that it asks
 *
 * The library is linked so that its calls come by here (ld's --wrap). The first allocation fails, in
 * the next round the second, and so on; likewise libelf, capstone and what a file is read by. A check
 * that went without something says so by its errno: it never calls a broken image clean.
 */
#include <capstone/capstone.h>
#include <errno.h>
#include <libelf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vdk/check.h>

#include "mutants.h"

enum call { NONE, ALLOCATE, DISASSEMBLE, LIBELF, STAT, READ, READ_EMPTY, READ_AGAIN, MAPS, VDSO };

static enum call now;
static long left;
static bool happened;

static bool refused(enum call call, int error)
{
	if (now != call || --left)
		return false;
	happened = true;
	errno = error;
	return true;
}

#define WRAP(type, name, parameters, arguments, call, error, failed)                               \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		return refused(call, error) ? failed : __real_##name arguments;                    \
	}

WRAP(void *, malloc, (size_t size), (size), ALLOCATE, ENOMEM, NULL)
WRAP(void *, calloc, (size_t count, size_t size), (count, size), ALLOCATE, ENOMEM, NULL)
WRAP(void *, realloc, (void *old, size_t size), (old, size), ALLOCATE, ENOMEM, NULL)
WRAP(void *, reallocarray, (void *old, size_t count, size_t size), (old, count, size), ALLOCATE, ENOMEM, NULL)
WRAP(char *, strdup, (const char *text), (text), ALLOCATE, ENOMEM, NULL)
WRAP(int, vasprintf, (char **ret, const char *format, va_list arguments), (ret, format, arguments), ALLOCATE,
     ENOMEM, -1)
WRAP(cs_insn *, cs_malloc, (csh handle), (handle), ALLOCATE, ENOMEM, NULL)
WRAP(cs_err, cs_open, (cs_arch arch, cs_mode mode, csh *handle), (arch, mode, handle), DISASSEMBLE, 0, CS_ERR_MEM)
WRAP(Elf *, elf_memory, (char *image, size_t size), (image, size), LIBELF, 0, NULL)
WRAP(unsigned, elf_version, (unsigned version), (version), LIBELF, 0, EV_NONE)
WRAP(int, fstat, (int fd, struct stat *status), (fd, status), STAT, EIO, -1)
WRAP(int, fstat64, (int fd, struct stat *status), (fd, status), STAT, EIO, -1)
WRAP(FILE *, fopen, (const char *path, const char *mode), (path, mode), MAPS, EMFILE, NULL)
WRAP(FILE *, fopen64, (const char *path, const char *mode), (path, mode), MAPS, EMFILE, NULL)
WRAP(unsigned long, getauxval, (unsigned long type), (type), VDSO, ENOENT, 0)

ssize_t __real_read(int fd, void *bytes, size_t size);
ssize_t __wrap_read(int fd, void *bytes, size_t size);
ssize_t __wrap_read(int fd, void *bytes, size_t size)
{
	if (refused(READ_EMPTY, 0))
		return 0;
	return refused(READ, EIO) || refused(READ_AGAIN, EINTR) ? -1 : __real_read(fd, bytes, size);
}

/* ---- The checks ---------------------------------------------------------------------------- */

static const struct vdk_check_options kit = { .size = sizeof(kit), .profile = VDK_CHECK_KIT };
static const char *path;
static struct image good, broken;

static int check_broken(struct vdk_check_result **ret, struct vdk_report *report)
{
	return vdk_check_memory(broken.bytes, broken.size, &kit, ret, report);
}

static int check_file(struct vdk_check_result **ret, struct vdk_report *report)
{
	return vdk_check_file(path, &kit, ret, report);
}

static int check_running(struct vdk_check_result **ret, struct vdk_report *report)
{
	return vdk_check_running(NULL, ret, report);
}

static const struct {
	const char *name;
	enum call call;
	int (*check)(struct vdk_check_result **ret, struct vdk_report *report);
	int expected; /* 0: one of the image's own, with a verdict on it */
	bool broken;  /* the verdict is that it has an error */
} rounds[] = {
	/* In row musl-all libraries are static: theirs would come by, too, and capstone looks at none. */
#ifdef __GLIBC__
	{ "memory for a broken image", ALLOCATE, check_broken, -ENOMEM, true },
	{ "memory for a file", ALLOCATE, check_file, -ENOMEM, false },
#endif
	{ "the disassembler", DISASSEMBLE, check_broken, -ENOMEM, true },
	{ "libelf", LIBELF, check_broken, -EINVAL, true },
	{ "a file's status", STAT, check_file, -EIO, false },
	{ "a file's bytes", READ, check_file, -EIO, false },
	{ "a file that became shorter", READ_EMPTY, check_file, -EIO, false },
	{ "a read that a signal ends", READ_AGAIN, check_file, 0, false },
	{ "the list of mappings", MAPS, check_running, -EIO, false },
	{ "a vDSO", VDSO, check_running, -ENOENT, false },
};

static int failures;

static void fail(const char *name, long number, const char *what, int error)
{
	printf("not ok - %s, %ld: %s (%d)\n", name, number, what, error);
	failures++;
}

static bool try(size_t i, long number)
{
	struct vdk_check_result *result = NULL;
	struct vdk_report report = { 0 };
	int error;

	now = rounds[i].call;
	left = number;
	happened = false;
	error = rounds[i].check(&result, &report);
	now = NONE;
	if (error && (error != rounds[i].expected || !happened))
		fail(rounds[i].name, number, "another errno", error);
	if (error && (result || !*report.text))
		fail(rounds[i].name, number, result ? "a result, too" : "no words", error);
	if (!error && rounds[i].broken && !vdk_check_count(result, VDK_CHECK_ERROR))
		fail(rounds[i].name, number, "a broken image is clean", 0);
	if (!error && !happened && !rounds[i].broken && vdk_check_count(result, VDK_CHECK_ERROR))
		fail(rounds[i].name, number, "a good image is not clean", 0);
	vdk_check_free(result);
	return happened;
}

int main(int argc, char **argv)
{
	const struct mutant *mutant = mutants;
	long points = 0;

	must(argc == 2);
	path = argv[1];
	good = image_load(path);
	/* One whose errors take all of the code to be seen, and its text to be told. */
	while (strcmp(mutant->rule, "stack.known") != 0)
		mutant++;
	broken = mutant_make(&good, mutant);
	for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
		long number = 1;

		while (number < 10000 && try(i, number))
			number++;
		printf("ok %zu - %s, %ld times\n", i + 1, rounds[i].name, number - 1);
		points += number - 1;
		if (number == 1)
			fail(rounds[i].name, 0, "it was never asked for", 0);
	}
	printf("figure refused_calls %ld\n", points);
	free(broken.bytes);
	free(good.bytes);
	return failures != 0;
}
