/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded libraries that take the place of the C library's time functions: named in LD_PRELOAD or
 * /etc/ld.so.preload, mapped, and defining one of them. All three, or it is none.
 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/families.h"
#include "doctor/files.h"
#include "inspect/classify.h"
#include "inspect/process.h"

#define ENVIRON_MAX ((size_t)8 << 20)

/* The value of LD_PRELOAD among NUL-terminated strings; NULL: there is none. */
static const char *find_variable(const char *text, size_t size)
{
	static const char name[] = "LD_PRELOAD=";

	for (const char *at = text; at < text + size; at += strlen(at) + 1)
		if (!strncmp(at, name, sizeof(name) - 1))
			return at + sizeof(name) - 1;
	return NULL;
}

/* The first time function that a library defines; "" when it is none, or cannot be read. */
static void read_definition(const struct doctor *doctor, const struct vdk_map *map, char *name,
                            size_t size)
{
	static const char *const wrapped[] = {"clock_gettime", "gettimeofday", "time"};
	struct vdk_symbols *symbols = NULL;
	vdk_cleanup_close int fd = -1;
	struct vdk_bytes file;
	char path[32];

	*name = '\0';
	if (doctor_open_mapped(doctor, map, &fd))
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (vdk_file_image(path, &file, NULL))
		return;
	if (vdk_symbols_parse(file.bytes, file.size, map->path, &symbols, NULL) == 0)
		for (size_t i = 0; i < symbols->count && !*name; i++) {
			const struct vdk_symbol *symbol = &symbols->symbols[i];

			if (symbol->section == SHN_UNDEF ||
			    (symbol->type != STT_FUNC && symbol->type != STT_GNU_IFUNC))
				continue;
			for (size_t j = 0; j < sizeof(wrapped) / sizeof(wrapped[0]); j++)
				if (!strcmp(symbol->name, wrapped[j]))
					snprintf(name, size, "%s", wrapped[j]);
		}
	vdk_symbols_free(symbols);
	free(file.bytes);
}

static const struct vdk_map *find_library(const struct doctor *doctor, const char *name)
{
	for (size_t i = 0; i < doctor->maps->count; i++)
		if (doctor->maps->maps[i].owner == VDK_OWNER_LIBRARY &&
		    !strcmp(vdk_base_name(doctor->maps->maps[i].path), vdk_base_name(name)))
			return &doctor->maps->maps[i];
	return NULL;
}

/* @list: names with blanks or colons between them, changed here. */
static void see_list(struct doctor *doctor, const char *where, char *list)
{
	char *next = NULL;

	for (char *name = strtok_r(list, ": \t\n", &next); name; name = strtok_r(NULL, ": \t\n", &next)) {
		const struct vdk_map *map = find_library(doctor, name);
		struct doctor_finding *finding;
		char function[32];

		if (!map)
			continue;
		read_definition(doctor, map, function, sizeof(function));
		if (!*function || doctor_found(doctor, DOCTOR_PRELOAD))
			continue;
		finding = doctor_find(doctor, DOCTOR_PRELOAD);
		doctor_evidence(finding, where, "%s", name);
		doctor_evidence(finding, map->path, "is mapped and defines %s", function);
		if (doctor->measured.vdso >= 0)
			doctor_cost(finding, "what the library adds to the vDSO's %.0f ns a call; not "
			                     "measured, as it would have to be run",
			            doctor->measured.vdso);
		else
			doctor_cost(finding, "not measured: the library would have to be run");
	}
}

void doctor_see_preload(struct doctor *doctor)
{
	vdk_cleanup_free char *text = NULL, *list = NULL;
	char path[64], file[4096];
	const char *value;
	size_t size;
	int error;

	if (!doctor->maps)
		return;
	error = vdk_process_file(doctor->process, "environ", ENVIRON_MAX, &text, &size);
	doctor_process_path(doctor, "environ", path);
	if (error) {
		doctor_unknown(doctor, path, error, "LD_PRELOAD");
	} else {
		value = find_variable(text, size);
		list = value ? strdup(value) : NULL;
		if (list) {
			snprintf(file, sizeof(file), "%s: LD_PRELOAD", path);
			see_list(doctor, file, list);
		}
	}
	if (doctor_text(doctor, "etc/ld.so.preload", '?', file, sizeof(file)) > 0)
		see_list(doctor, "/etc/ld.so.preload", file);
}
