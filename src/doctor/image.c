/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's image as the process has it. Its pages are the same memory in every process; one
 * that was written to is a private copy, which smaps tells. Whether it also differs is seen beside
 * an image that nobody wrote to: the doctor's own, or the file `pristine` of a fake.
 */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/families.h"
#include "doctor-arch.h"
#include "inspect/process.h"

#define SMAPS_MAX ((size_t)64 << 20)

struct pages {
	bool found;
	unsigned long private_kb; /* dirty, anonymous or swapped out */
	char flags[128];          /* VmFlags */
};

/* A line of maps begins with the range and ends with the name. */
static bool is_head(const char *line, bool *is_vdso)
{
	unsigned long long start, end;
	const char *name;

	if (sscanf(line, "%llx-%llx ", &start, &end) != 2)
		return false;
	name = strrchr(line, ' ');
	*is_vdso = name && !strcmp(name + 1, "[vdso]");
	return true;
}

static void take_line(struct pages *pages, const char *line)
{
	unsigned long kb;

	if (sscanf(line, "Private_Dirty: %lu kB", &kb) == 1 ||
	    sscanf(line, "Anonymous: %lu kB", &kb) == 1 || sscanf(line, "Swap: %lu kB", &kb) == 1)
		pages->private_kb = kb > pages->private_kb ? kb : pages->private_kb;
	else if (!strncmp(line, "VmFlags:", 8))
		snprintf(pages->flags, sizeof(pages->flags), "%s", line + 8 + strspn(line + 8, " "));
}

static int read_pages(const struct doctor *doctor, struct pages *pages)
{
	vdk_cleanup_free char *text = NULL;
	char *next = NULL;
	bool within = false;
	size_t size;
	const int error = vdk_process_file(doctor->process, "smaps", SMAPS_MAX, &text, &size);

	if (error)
		return error;
	for (char *line = strtok_r(text, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) {
		if (is_head(line, &within))
			pages->found |= within;
		else if (within)
			take_line(pages, line);
	}
	return 0;
}

/* ---- Modified -------------------------------------------------------------------------------- */

static int load_pristine(const struct doctor *doctor, struct vdk_bytes *ret_image,
                         struct vdk_report *report)
{
	vdk_cleanup_close int fd = -1;
	struct vdk_process *self;
	char path[32];
	int error;

	if (doctor->fake) {
		error = doctor_open_file(doctor, "pristine", &fd);
		if (error)
			return vdk_report_set(report, error, "pristine", "%s", strerror(-error));
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		return vdk_file_image(path, ret_image, report);
	}
	error = vdk_process_open(0, &self, report);
	if (error)
		return error;
	error = vdk_process_image(self, true, ret_image, report);
	vdk_process_close(self);
	return error;
}

/* The function that holds an offset; "" between functions. */
static const char *function_at(const struct vdk_symbols *symbols, size_t offset)
{
	const char *name = "";

	for (size_t i = 0; symbols && i < symbols->count; i++) {
		const struct vdk_symbol *symbol = &symbols->symbols[i];

		/* Each has two names; the strong one tells more. */
		if (symbol->offset && offset >= symbol->offset &&
		    offset - symbol->offset < symbol->size && strlen(symbol->name) > strlen(name))
			name = symbol->name;
	}
	return name;
}

static void add_difference(struct doctor_finding *finding, const struct vdk_bytes *found,
                           const struct vdk_bytes *pristine, const struct vdk_symbols *symbols)
{
	const size_t size = found->size < pristine->size ? found->size : pristine->size;
	const char *last = NULL;

	for (size_t i = 0; i < size; i++) {
		const char *name;

		if (found->bytes[i] == pristine->bytes[i])
			continue;
		name = function_at(symbols, i);
		/* One line for each function, and for each stretch between two. */
		if (last && !strcmp(last, name))
			continue;
		last = name;
		doctor_evidence(finding, "against the kernel's own bytes",
		                "differs from offset %#zx on: %s; expected %02x, found %02x", i,
		                *name ? name : "between functions", pristine->bytes[i],
		                found->bytes[i]);
	}
}

static bool is_same(const struct vdk_bytes *a, const struct vdk_bytes *b)
{
	return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

static void compare(struct doctor *doctor, const struct pages *pages,
                    const struct vdk_bytes *pristine)
{
	struct vdk_symbols *symbols = NULL;
	struct doctor_finding *finding;
	char path[64];

	doctor_process_path(doctor, "smaps", path);
	if (is_same(&doctor->image, pristine)) {
		doctor_fact(doctor, "vDSO", "%lu KiB of it are a private copy with the kernel's own bytes",
		            pages->private_kb);
		return;
	}
	vdk_symbols_parse(pristine->bytes, pristine->size, "pristine", &symbols, NULL);
	finding = doctor_find(doctor, DOCTOR_VDSO_MODIFIED);
	doctor_evidence(finding, path, "[vdso]: %lu KiB private", pages->private_kb);
	if (doctor->image.size != pristine->size)
		doctor_evidence(finding, "its size", "expected %zu bytes, found %zu", pristine->size,
		                doctor->image.size);
	add_difference(finding, &doctor->image, pristine, symbols);
	doctor_cost(finding, "not known: it depends on the new code");
	vdk_symbols_free(symbols);
}

static void see_modified(struct doctor *doctor, const struct pages *pages)
{
	struct vdk_report report = {0};
	struct vdk_bytes pristine;
	int error;

	if (!pages->found || pages->private_kb == 0)
		return;
	error = doctor->image.bytes ? load_pristine(doctor, &pristine, &report) : -ENOENT;
	if (error) {
		doctor_unknown(doctor, "the vDSO's code", 0,
		               "%lu KiB of it are a private copy, but what is there cannot be compared: %s",
		               pages->private_kb, *report.text ? report.text : "its memory is not readable");
		return;
	}
	compare(doctor, pages, &pristine);
	free(pristine.bytes);
}

/* ---- All of it ------------------------------------------------------------------------------- */

static void see_sealed(struct doctor *doctor, const struct pages *pages)
{
	struct doctor_finding *finding;
	char path[64];

	if (!pages->found || !doctor_word(pages->flags, "sl"))
		return;
	finding = doctor_find(doctor, DOCTOR_VDSO_SEALED);
	doctor_evidence(finding, doctor_process_path(doctor, "smaps", path), "[vdso]: VmFlags: %s",
	                pages->flags);
	doctor_cost(finding, "nothing");
}

/* The address that the image's first segment is linked at; false where there is none. */
static bool link_base(const struct vdk_bytes *image, uint64_t *ret_base)
{
	Elf64_Ehdr header;
	Elf64_Phdr segment;

	if (image->size < sizeof(header))
		return false;
	memcpy(&header, image->bytes, sizeof(header));
	if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof(segment))
		return false;
	for (uint64_t i = 0; i < header.e_phnum; i++) {
		if (header.e_phoff > image->size ||
		    (i + 1) * sizeof(segment) > image->size - header.e_phoff)
			return false;
		memcpy(&segment, image->bytes + header.e_phoff + i * sizeof(segment), sizeof(segment));
		if (segment.p_type != PT_LOAD)
			continue;
		*ret_base = segment.p_vaddr;
		return true;
	}
	return false;
}

static void see_sandbox(struct doctor *doctor)
{
	struct doctor_finding *finding;
	char version[200];
	uint64_t base;

	if (!link_base(&doctor->image, &base) || base != DOCTOR_GVISOR_BASE)
		return;
	finding = doctor_find(doctor, DOCTOR_SANDBOX);
	doctor_evidence(finding, "the image's first segment", "linked at %#" PRIx64, base);
	if (doctor_text(doctor, "proc/version", '?', version, sizeof(version)) > 0)
		doctor_evidence(finding, "/proc/version", "%s", version);
	doctor_cost_of_fallback(doctor, finding);
}

void doctor_see_image(struct doctor *doctor)
{
	struct pages pages = {0};
	struct vdk_report report = {0};
	char path[64];
	int error;

	if (!doctor->maps)
		return;
	error = vdk_process_image(doctor->process, true, &doctor->image, &report);
	if (error)
		doctor->image.bytes = NULL;
	if (error && error != -ENOENT && !doctor_found(doctor, DOCTOR_VDSO_LOST))
		doctor_unknown(doctor, "the vDSO's code", 0, "%s", report.text);
	error = read_pages(doctor, &pages);
	if (error == -ESRCH)
		doctor_unknown(doctor, doctor_process_path(doctor, "smaps", path), 0,
		               "whether the vDSO was written to or sealed: this kernel has no such "
		               "file (CONFIG_PROC_PAGE_MONITOR)");
	else if (error)
		doctor_unknown(doctor, doctor_process_path(doctor, "smaps", path), error,
		               "whether the vDSO was written to or sealed");
	see_modified(doctor, &pages);
	see_sealed(doctor, &pages);
	if (doctor->image.bytes)
		see_sandbox(doctor);
}
