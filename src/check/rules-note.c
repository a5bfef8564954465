/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notes that any vDSO has: the segment's form, the build-id, and what the code claims of itself. */
#include "internal.h"

/* Type of a property in NT_GNU_PROPERTY_TYPE_0; the AMD64 ABI supplement names the bits. */
#define PROPERTY_X86_FEATURE_1_AND 0xc0000002u
#define FEATURE_IBT 1u

static void bounds(struct check *check, const struct rule *rule)
{
	problem_report(check, rule, &check->notes_problem);
}

static const struct note *gnu_note(const struct check *check, uint32_t type)
{
	for (size_t i = 0; i < check->note_count; i++) {
		if (check->notes[i].type == type && strcmp(check->notes[i].name, "GNU") == 0)
			return &check->notes[i];
	}
	return NULL;
}

static void build_id(struct check *check, const struct rule *rule)
{
	const struct note *note = gnu_note(check, NT_GNU_BUILD_ID);
	uint8_t id[20] = { 0 };
	uint8_t any = 0;

	if (!note) {
		find(check, rule, VDK_CHECK_NO_OFFSET, "NT_GNU_BUILD_ID", "none",
		     "profilers and debuggers find no symbols for the image");
		return;
	}
	if (note->desc_size != sizeof(id)) {
		find(check, rule, note->offset, "20 bytes (sha1)", num(note->desc_size).s,
		     "the build-id has an unusual length");
		return;
	}
	view_read(&check->file, note->desc, id, sizeof(id));
	for (size_t i = 0; i < sizeof(id); i++)
		any |= id[i];
	if (!any)
		find(check, rule, note->desc, "a hash", "20 zero bytes", "the build-id is empty");
}

/* Does every export start with endbr64? */
static void ibt_claim(struct check *check, const struct rule *rule)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };

	for (uint32_t i = 1; i < check->symbol_count; i++) {
		const struct symbol *symbol = &check->symbols[i];
		uint8_t code[sizeof(endbr64)];
		uint64_t at;

		if (!symbol_exported(check, symbol) ||
		    !segment_offset(check, symbol->sym.st_value, sizeof(code), &at))
			continue;
		view_read(&check->segment, at, code, sizeof(code));
		if (memcmp(code, endbr64, sizeof(code)) != 0)
			find(check, rule, file_offset(check, at), "endbr64",
			     text("%02x %02x %02x %02x", code[0], code[1], code[2], code[3]).s,
			     "the image claims IBT, but %s could not be called under it",
			     quoted(symbol->name).s);
	}
}

/* The properties in a NT_GNU_PROPERTY_TYPE_0: type, size, data, padded to 8 bytes. */
static void property_claims(struct check *check, const struct rule *rule, const struct note *note)
{
	const struct view desc = view_part(&check->file, note->desc, note->desc_size);
	uint32_t head[2], features;

	for (uint64_t at = 0; view_read(&desc, at, head, sizeof(head));
	     at += 8 + ((uint64_t)head[1] + 7) / 8 * 8) {
		if (head[0] == PROPERTY_X86_FEATURE_1_AND && head[1] == 4 &&
		    view_read(&desc, at + 8, &features, 4) && (features & FEATURE_IBT))
			ibt_claim(check, rule);
	}
}

/*
 * Absent is fine: no C library of today judges a vDSO by it. Where it is, it must be where
 * readers look for it, and true.
 */
static void property(struct check *check, const struct rule *rule)
{
	const struct note *note = gnu_note(check, NT_GNU_PROPERTY_TYPE_0);
	bool segment = false;

	for (size_t i = 0; i < check->note_count; i++)
		segment |= check->notes[i].property_segment;
	if (!note)
		return;
	if (note->align != 8 || !segment)
		find(check, rule, note->offset, "in an 8-byte aligned PT_NOTE and PT_GNU_PROPERTY",
		     text("alignment %llu, %s PT_GNU_PROPERTY", (unsigned long long)note->align,
		          segment ? "with" : "without").s,
		     "the property note is not where loaders look for it");
	property_claims(check, rule, note);
}

const struct rule rules_note[] = {
	{ { "note.bounds", "Notes lie inside their segments, which are loaded",
	    "System V ABI, Note section", ERROR, ERROR }, PART_LOAD, bounds },
	{ { "note.buildid", "A sha1 build-id",
	    "Linux vDSO Makefile: --build-id=sha1; profilers", ERROR, ERROR },
	  PART_LOAD, build_id },
	{ { "note.property", "A property note is aligned, has its segment, and is true",
	    "AMD64 ABI supplement; loaders judge objects by it", ERROR, ERROR },
	  PART_LOAD, property },
	{ { NULL } },
};
