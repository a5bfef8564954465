/* SPDX-License-Identifier: MIT */
/*
 * Feature flags that thousands of processes ask for at every request: an operator turns them, and no
 * process reads a file, keeps a connection or is told.
 */
#include <vdk/vdso.h>

#include "flags.page.h"

#define ENOENT 2

static bool same(const char *name, const char *other)
{
	for (int i = 0; i < FLAG_NAME; i++) {
		if (name[i] != other[i])
			return false;
		if (!name[i])
			return true;
	}
	return other[FLAG_NAME] == '\0'; /* a name that fills its place has no NUL there */
}

/* The number of a flag, for flag_on(): 0 or more; -2 (ENOENT) there is none of that name. */
VDK_FUNCTION(int, flag_find, (const char *name))
{
	struct flag flag;

	for (unsigned i = 0; *name && i < vdk_count(flag); i++)
		if (vdk_read_at(flag, i, &flag) == 0 && same(flag.name, name))
			return (int)i;
	return -ENOENT;
}

/* Spreads what lies close together: the end of splitmix64. */
static uint64_t mix(uint64_t bits)
{
	bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
	bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
	return bits ^ bits >> 31;
}

/*
 * Which thousandth of the users somebody belongs to, for one flag: always the same one, so that a
 * share that grows keeps those who have the flag already, and another one for each flag.
 */
static unsigned thousandth(uint64_t user, unsigned number)
{
	return (unsigned)((mix(mix(user) + number) >> 32) * 1000 >> 32);
}

/* 1: this user has the flag; 0: not; negative, for instance -34 (ERANGE): there is no such flag. */
VDK_FUNCTION(int, flag_on, (int number, uint64_t user))
{
	struct flag flag;
	const int error = vdk_read_at(flag, number, &flag);

	if (error)
		return error;
	return flag.on && thousandth(user, (unsigned)number) < flag.per_mille;
}
