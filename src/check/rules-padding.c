/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The file as a whole: pages, mapped as they are. What is no part of the image must be zero, and
 * nothing of the machine that built it may stand in it.
 */
#include "internal.h"

#include <stdlib.h>

static void size(struct check *check, const struct rule *rule)
{
	if (check->file.size % VDK_PAGE_UNIT)
		find(check, rule, check->file.size,
		     text("a multiple of %u", VDK_PAGE_UNIT).s, num(check->file.size).s,
		     "the file does not end with a page");
}

/* The first offset that nothing in the file describes. */
static uint64_t content_end(const struct check *check)
{
	uint64_t end = check->load->p_offset + check->segment.size;
	uint64_t table = check->ehdr.e_shoff + (uint64_t)check->ehdr.e_shnum * sizeof(Elf64_Shdr);

	if (view_has(&check->file, table, 0) && table > end)
		end = table;
	for (size_t i = 1; i < check->section_count; i++) {
		const Elf64_Shdr *shdr = &check->sections[i].shdr;

		if (shdr->sh_type == SHT_NOBITS ||
		    !view_has(&check->file, shdr->sh_offset, shdr->sh_size))
			continue;
		if (shdr->sh_offset + shdr->sh_size > end)
			end = shdr->sh_offset + shdr->sh_size;
	}
	return end;
}

static void zero(struct check *check, const struct rule *rule)
{
	for (uint64_t at = content_end(check); at < check->file.size; at++) {
		if (check->file.bytes[at] == 0)
			continue;
		find(check, rule, at, "zero bytes to the end",
		     text("%02x", check->file.bytes[at]).s,
		     "something is left in the tail of the last page");
		return;
	}
}

/* Bytes of code look like anything; a path in there would be chance. */
static bool is_code(const struct check *check, uint64_t at)
{
	for (size_t i = 1; i < check->section_count; i++) {
		const Elf64_Shdr *shdr = &check->sections[i].shdr;

		if ((shdr->sh_flags & SHF_EXECINSTR) && at >= shdr->sh_offset &&
		    at - shdr->sh_offset < shdr->sh_size)
			return true;
	}
	return false;
}

/*
 * Folders that builds happen in. An author's own strings may hold other absolute paths with good
 * reason: /proc and /sys are the same on every machine.
 */
static void leak(struct check *check, const struct rule *rule)
{
	static const char *const roots[] = { "/home/",  "/root/", "/build/", "/builds/", "/tmp/",
		                             "/var/tmp/", "/usr/src/", "/nix/store/",
		                             "/Users/", "/workspace/" };

	for (uint64_t at = 1; at < check->file.size; at++) {
		if (check->file.bytes[at] != '/' || is_code(check, at))
			continue;
		for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
			const size_t length = strlen(roots[i]);

			if (!view_has(&check->file, at, length) ||
			    memcmp(check->file.bytes + at, roots[i], length) != 0)
				continue;
			find(check, rule, at, "no path of the build machine",
			     quoted(view_string(&check->file, at)).s,
			     "the image tells where it was built");
			at += length;
			break;
		}
	}
}

const struct rule rules_padding[] = {
	{ { "pad.size", "The file is a whole number of pages",
	    "Linux vdso2c pads its image", ERROR, ERROR }, PART_ELF, size },
	{ { "pad.zero", "The tail of the last page is zero",
	    "it is mapped like the rest", ERROR, ERROR }, PART_LOAD, zero },
	{ { "pad.leak", "No path of the build machine",
	    "the same source must give the same image", WARNING, NOTE }, PART_ELF, leak },
	{ { NULL } },
};
