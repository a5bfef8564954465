/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The program and its C library. Whoever uses the vDSO looks a function up by name at run time, so
 * the name is among the bytes of some file that is mapped, stripped and static ones included. Where
 * no file has one, and the code holds system calls for the time, the library is without a vDSO.
 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "doctor/families.h"
#include "doctor/files.h"

#define CHUNK ((size_t)1 << 20)
#define OVERLAP 64
#define FILES_MAX (UINT64_C(512) << 20) /* of all files together */

/* clock_gettime, gettimeofday, time: what a C library without a vDSO calls the kernel for. */
static const struct {
	uint8_t number;
	const char *name;
} calls[] = {{228, "clock_gettime"}, {96, "gettimeofday"}, {201, "time"}};

struct search {
	struct doctor *doctor;
	uint8_t *bytes;
	uint64_t budget;
	bool names;         /* a vDSO function's name was found */
	bool incomplete;    /* some file could not be read whole */
	char code[240];     /* the first system call for the time */
	char file[128];     /* whose code it is */
};

static bool has_name(const uint8_t *bytes, size_t size)
{
	return memmem(bytes, size, "__vdso_clock_gettime", 20) ||
	       memmem(bytes, size, "__vdso_gettimeofday", 19);
}

/*
 * `mov $NUMBER, %eax` or `mov $NUMBER, %rax`, and a system call within a few instructions.
 * Return: the call's name; NULL.
 */
static const char *call_at(const uint8_t *bytes, size_t left)
{
	size_t number;

	if (left < 32)
		return NULL;
	if (bytes[0] == 0xb8)
		number = 1;
	else if (bytes[0] == 0x48 && bytes[1] == 0xc7 && bytes[2] == 0xc0)
		number = 3;
	else
		return NULL;
	if (bytes[number + 1] || bytes[number + 2] || bytes[number + 3])
		return NULL;
	if (!memmem(bytes + number + 4, 16, "\x0f\x05", 2))
		return NULL;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (bytes[number] == calls[i].number)
			return calls[i].name;
	return NULL;
}

static void search_code(struct search *search, const struct vdk_map *map, const uint8_t *bytes,
                        size_t size, uint64_t offset)
{
	for (size_t i = 0; i < size && !*search->code; i++) {
		const char *name = call_at(bytes + i, size - i);

		if (!name)
			continue;
		snprintf(search->code, sizeof(search->code), "a system call %s at offset %#llx", name,
		         (unsigned long long)(offset + i));
		snprintf(search->file, sizeof(search->file), "%.*s", (int)sizeof(search->file) - 1,
		         map->path);
	}
}

/* Names anywhere in the file, code only in what is mapped executable. */
static void search_range(struct search *search, const struct vdk_map *map, int fd, uint64_t from,
                         uint64_t end, bool code)
{
	for (uint64_t at = from; at < end && !search->names; at += CHUNK) {
		const uint64_t left = end - at;
		const size_t want = left < CHUNK + OVERLAP ? (size_t)left : CHUNK + OVERLAP;
		const ssize_t got = pread(fd, search->bytes, want, (off_t)at);

		if (got <= 0)
			return;
		if (search->budget < (uint64_t)got) {
			search->incomplete = true;
			return;
		}
		search->budget -= (uint64_t)got;
		if (code)
			search_code(search, map, search->bytes, (size_t)got, at);
		else
			search->names |= has_name(search->bytes, (size_t)got);
	}
}

static void search_map(struct search *search, size_t index)
{
	const struct vdk_map *map = &search->doctor->maps->maps[index];
	vdk_cleanup_close int fd = -1;

	if (map->owner == VDK_OWNER_NONE || map->inode == 0)
		return;
	if (doctor_open_mapped(search->doctor, map, &fd)) {
		search->incomplete = true;
		return;
	}
	if (doctor_is_first_of_file(search->doctor, index))
		search_range(search, map, fd, 0, INT64_MAX - CHUNK, false);
	if (!search->names && (map->access & VDK_MAP_EXEC))
		search_range(search, map, fd, map->offset, map->offset + (map->end - map->start), true);
}

static void see_libc(struct doctor *doctor)
{
	vdk_cleanup_free uint8_t *bytes = malloc(CHUNK + OVERLAP);
	struct search search = {.doctor = doctor, .bytes = bytes, .budget = FILES_MAX};
	struct doctor_finding *finding;

	if (!bytes)
		return;
	/* The loader, which has the names with glibc and musl, comes near the end. */
	for (size_t i = doctor->maps->count; i-- > 0 && !search.names;)
		search_map(&search, i);
	if (search.names)
		return;
	if (search.incomplete) {
		doctor_unknown(doctor, "its C library", 0,
		               "not all of its files can be read: whether one knows the vDSO is open");
		return;
	}
	if (!*search.code)
		return;
	finding = doctor_find(doctor, DOCTOR_LIBC_WITHOUT);
	doctor_evidence(finding, search.file, "%s", search.code);
	doctor_evidence(finding, "all files that it has mapped", "no __vdso_clock_gettime and no "
	                "__vdso_gettimeofday in them");
	doctor_cost_of_fallback(doctor, finding);
}

void doctor_see_program(struct doctor *doctor)
{
	struct doctor_finding *finding;
	char path[64];

	if (doctor->has_auxv && doctor->auxv.word == 4) {
		finding = doctor_find(doctor, DOCTOR_PROGRAM_32BIT);
		doctor_evidence(finding, doctor_process_path(doctor, "exe", path), "ELFCLASS32");
		doctor_cost(finding, "not measured: its functions are other ones");
		return;
	}
	if (doctor->maps)
		see_libc(doctor);
}
