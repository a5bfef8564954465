/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_CHECK_INTERNAL_H
#define VDK_CHECK_INTERNAL_H

/*
 * The checker works in two steps. Loading (model*.c, code-load.c) turns the image into the model
 * below and judges nothing: what cannot be read is simply missing from it, and `parts` says so. Then
 * each rule (rules-*.c) looks at the model, or at the bytes again, and reports. A rule names the
 * parts that it needs, so that one broken table is one finding and not forty.
 */

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libelf.h>

#include <vdk/check.h>
#include <vdk/format.h>

#include "base/elf-newer.h"
#include "base/view.h"

/*
 * Rules read best with short names, and a static library has one name space with the program it
 * is linked into: so the linker sees these with the part's prefix.
 */
#define find check_find
#define text check_text
#define hex check_hex
#define num check_num
#define quoted check_quoted
#define classify check_classify
#define file_offset check_file_offset
#define segment_offset check_segment_offset
#define mapped_size check_mapped_size
#define reach_before check_reach_before
#define hash_sysv check_hash_sysv
#define hash_gnu check_hash_gnu

struct check;
struct code;

/* ---- Rules ------------------------------------------------------------------------------- */

enum part {
	PART_ELF = 1 << 0,      /* a 64-bit x86 ELF header and its program headers */
	PART_LOAD = 1 << 1,     /* a first PT_LOAD with bytes in the file */
	PART_DYNAMIC = 1 << 2,  /* dynamic entries */
	PART_STRINGS = 1 << 3,  /* the dynamic string table */
	PART_SYMBOLS = 1 << 4,  /* the dynamic symbols, and how many there are */
	PART_VERSIONS = 1 << 5, /* version definitions and the version of each symbol */
	PART_SECTIONS = 1 << 6, /* section headers with names */
	PART_NOTE = 1 << 7,     /* the kit's own note */
	PART_CODE = 1 << 8      /* decoded instructions */
};

struct rule {
	struct vdk_check_rule is;
	unsigned needs; /* enum part */
	void (*run)(struct check *check, const struct rule *rule);
	unsigned kind; /* for rules that share one run function */
};

/* Severities of a rule in the kit's and in the kernel's profile, as the tables write them. */
#define ERROR VDK_CHECK_ERROR
#define WARNING VDK_CHECK_WARNING
#define NOTE VDK_CHECK_NOTE
#define OFF VDK_CHECK_OFF

/* One table per family; each ends with an entry without id. */
extern const struct rule rules_elf[], rules_segment[], rules_dynamic[], rules_reloc[], rules_hash[],
        rules_version[], rules_symbol[], rules_note[], rules_vdk_note[], rules_section[],
        rules_padding[], rules_insn[], rules_stack[], rules_unwind[];

/* ---- What was found ------------------------------------------------------------------------ */

/* Report a breach. Strings are copied. @offset: in the file. */
void find(struct check *check, const struct rule *rule, uint64_t offset, const char *expected,
          const char *found, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* A short text by value, so that arguments of find() can be formatted in place. */
struct text {
	char s[96];
};

struct text text(const char *format, ...) __attribute__((format(printf, 1, 2)));
struct text hex(uint64_t number);
struct text num(uint64_t number);
/* A string from the image: cut to fit, what does not print is escaped. NULL: "(none)". */
struct text quoted(const char *string);

/* A breach that loading stumbled over; the rule that owns it reports it. The first one counts. */
struct problem {
	bool there;
	uint64_t offset;
	struct text expected, found, message;
};

void problem_set(struct problem *problem, uint64_t offset, struct text expected, struct text found,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));
void problem_report(struct check *check, const struct rule *rule, const struct problem *problem);

/*
 * Rules compare symbols with symbols and tags with tags. Real images have some thirty of each;
 * these bounds keep a hostile one from costing minutes. More than that is a finding.
 */
#define DYN_MAX 1024
#define SYMBOLS_MAX 4096
#define VERDEFS_MAX 256
#define NOTES_MAX 1024

/* ---- The model ----------------------------------------------------------------------------- */

struct symbol {
	Elf64_Sym sym;
	const char *name;       /* "" where it lies outside the strings */
	bool name_inside;
	uint16_t version;       /* index without the hidden bit; 0 where there is no table */
	bool version_hidden;
	uint64_t offset;        /* of the entry in the file */
};

/* A version definition. */
struct verdef {
	Elf64_Verdef def;
	const char *name;
	uint64_t offset; /* in the file */
};

struct section {
	Elf64_Shdr shdr;
	const char *name; /* "" where it has none */
	uint64_t offset;  /* of the header in the file */
};

struct note {
	uint32_t type;
	uint32_t name_size, desc_size;
	char name[16]; /* what fits, with a NUL */
	uint64_t offset, desc; /* in the file */
	uint64_t align;
	bool property_segment; /* met in PT_GNU_PROPERTY, not in PT_NOTE */
};

/* One table that a dynamic tag points to. */
struct pointer {
	bool there;
	uint64_t value;  /* as the tag has it */
	uint64_t offset; /* in the segment; valid when `inside` */
	bool inside;
	uint64_t tag_offset; /* of the dynamic entry, in the file */
};

enum pointer_id {
	POINTER_HASH,
	POINTER_GNU_HASH,
	POINTER_STRTAB,
	POINTER_SYMTAB,
	POINTER_VERSYM,
	POINTER_VERDEF,
	POINTER_COUNT
};

struct check {
	struct view file;
	uint8_t *bytes; /* own copy; file.bytes */
	enum vdk_check_profile profile;
	uint32_t stack_limit;
	unsigned parts;
	struct vdk_check_result *result;
	bool no_memory; /* met somewhere; the whole check then fails */

	Elf64_Ehdr ehdr;
	Elf64_Phdr *phdrs;
	uint64_t phdr_count;
	struct problem ident, phdr_table;

	const Elf64_Phdr *load; /* the first one */
	struct view segment;    /* its bytes in the file */

	Elf64_Dyn *dyns;
	uint64_t dyn_count; /* without the DT_NULL */
	uint64_t dyn_offset;
	struct problem dynamic;
	struct pointer pointers[POINTER_COUNT];

	struct view strings; /* the dynamic string table */
	struct problem strings_problem;

	struct symbol *symbols;
	uint32_t symbol_count;
	struct problem symbols_problem;

	struct verdef *verdefs;
	uint32_t verdef_count;
	struct problem verdefs_problem;

	Elf *elf; /* libelf's view of the same bytes */
	struct section *sections;
	size_t section_count;
	struct problem sections_problem;

	struct note *notes;
	size_t note_count;
	struct problem notes_problem;

	/* The kit's note: its first bytes, and where it lies. */
	struct vdk_image_note image_note;
	uint64_t image_note_offset; /* of the struct, in the file */
	uint64_t image_note_size;   /* of the descriptor */

	bool sysv_whole, gnu_whole; /* set by rules hash.sysv and hash.gnu for hash.agree */

	struct code *code;
};

void model_load(struct check *check);
void model_load_symbols(struct check *check);
void model_load_versions(struct check *check);
void model_load_sections(struct check *check);
void model_load_notes(struct check *check);
int code_load(struct check *check);
void code_free(struct code *code);

/* Memory for the model; notes the failure. calloc(3)'s overflow check included. */
void *model_alloc(struct check *check, uint64_t count, size_t size);

/* Where an address of the image lies in the segment; false: not inside, with @size bytes. */
bool segment_offset(const struct check *check, uint64_t address, uint64_t size, uint64_t *ret);

/* From an offset in the segment to one in the file. */
uint64_t file_offset(const struct check *check, uint64_t segment_offset);

/* The first dynamic entry with this tag; NULL. */
const Elf64_Dyn *dyn_find(const struct check *check, int64_t tag);
uint64_t dyn_file_offset(const struct check *check, const Elf64_Dyn *dyn);

/* The version definition with this index; NULL. */
const struct verdef *verdef_find(const struct check *check, uint16_t index);

uint32_t hash_sysv(const char *name);
uint32_t hash_gnu(const char *name);

/* A symbol that a consumer can find: defined, global or weak, and not the name of a version. */
bool symbol_exported(const struct check *check, const struct symbol *symbol);

/* The bytes of memory before the image that it may read: process page and page. */
uint64_t reach_before(const struct check *check);

/* Length of the mapped part of the image: the segment up to the end of its last page. */
uint64_t mapped_size(const struct check *check);

#endif
