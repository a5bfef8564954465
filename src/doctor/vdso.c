/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which vDSO the process was given, and which one it uses: the kernel's copy of the auxiliary
 * vector beside the program's own one, and what lies where they lead.
 */
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "doctor/families.h"

struct told {
	bool saved, own; /* is there an AT_SYSINFO_EHDR that leads anywhere? */
	uint64_t saved_at, own_at;
};

static struct told read_told(const struct vdk_auxv *auxv)
{
	struct told told = {0};

	told.saved = vdk_auxv_find(auxv->saved, auxv->saved_count, AT_SYSINFO_EHDR,
	                           &told.saved_at) && told.saved_at;
	if (auxv->own_error) {
		told.own = told.saved;
		told.own_at = told.saved_at;
	} else {
		told.own = vdk_auxv_find(auxv->own, auxv->own_count, AT_SYSINFO_EHDR, &told.own_at) &&
		           told.own_at;
	}
	return told;
}

static struct doctor_finding *find(struct doctor *doctor, enum doctor_id id,
                                   const struct told *told)
{
	struct doctor_finding *finding = doctor_find(doctor, id);
	char path[64];

	if (told->saved)
		doctor_evidence(finding, doctor_process_path(doctor, "auxv", path),
		                "AT_SYSINFO_EHDR = %#" PRIx64, told->saved_at);
	else
		doctor_evidence(finding, doctor_process_path(doctor, "auxv", path),
		                "no AT_SYSINFO_EHDR among %zu entries", doctor->auxv.saved_count);
	if (doctor->auxv.own_error)
		return finding;
	if (told->own)
		doctor_evidence(finding, "the program's own vector, on its stack",
		                "AT_SYSINFO_EHDR = %#" PRIx64, told->own_at);
	else
		doctor_evidence(finding, "the program's own vector, on its stack",
		                "no AT_SYSINFO_EHDR that leads anywhere");
	return finding;
}

/* Where the entry leads. An image that cannot be read is taken for one. */
static void see_place(struct doctor *doctor, const struct told *told)
{
	const struct vdk_map *map = vdk_maps_find(doctor->maps, told->own_at);
	struct doctor_finding *finding;
	char magic[SELFMAG], path[64];
	const bool readable = map && vdk_process_read(doctor->process, told->own_at, magic,
	                                              sizeof(magic)) == 0;

	if (!map || (readable && memcmp(magic, ELFMAG, SELFMAG) != 0)) {
		finding = find(doctor, DOCTOR_VDSO_LOST, told);
		doctor_evidence(finding, doctor_process_path(doctor, "maps", path), map
		                ? "no ELF image there, but %s" : "nothing is mapped there",
		                map && *map->path ? map->path : "something else");
		doctor_cost(finding, "not of time: a crash");
		return;
	}
	if (map->kind == VDK_MAP_VDK_IMAGE) {
		doctor_fact(doctor, "vDSO", "attached by vdk: %s", map->path);
		return;
	}
	if (told->own_at == told->saved_at) {
		doctor_fact(doctor, "vDSO", "the kernel's, at %#" PRIx64, told->own_at);
		return;
	}
	finding = find(doctor, DOCTOR_VDSO_FOREIGN, told);
	doctor_evidence(finding, doctor_process_path(doctor, "maps", path), "%#" PRIx64 " is %s",
	                told->own_at, *map->path ? map->path : "memory without a name");
	doctor_cost(finding, "not known: it depends on that image");
}

void doctor_see_vdso(struct doctor *doctor)
{
	struct told told;

	if (!doctor->has_auxv)
		return;
	told = read_told(&doctor->auxv);
	if (!told.saved && !told.own) {
		/* The boot option is the reason, and was told. */
		if (!doctor_found(doctor, DOCTOR_BOOT_VDSO))
			doctor_cost_of_fallback(doctor, find(doctor, DOCTOR_VDSO_MISSING, &told));
	} else if (!told.own) {
		doctor_cost_of_fallback(doctor, find(doctor, DOCTOR_VDSO_HIDDEN, &told));
	} else {
		see_place(doctor, &told);
	}
}
