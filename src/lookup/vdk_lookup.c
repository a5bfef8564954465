/* SPDX-License-Identifier: MIT */
/*
 * vdk_lookup.c - find the vDSO of this process and the functions in it
 *
 * See vdk/lookup.h, which is the manual. The file is used by libvdk and is at the same time what
 * other projects copy; so it includes nothing of the kit but that header.
 *
 * The invariant: memory of the image is touched by fetch() and by string_is() alone, and both
 * compare offset and length with image->size first, in a form that cannot overflow. Everything
 * else computes with offsets. So whatever the image says, no byte outside [base, base + size) is
 * read. Each loop either moves an offset forward within that range or counts up to a number that
 * was checked against it, so each ends.
 */

#if defined(__has_include)
#if __has_include(<vdk/lookup.h>)
#include <vdk/lookup.h>
#else
#include "lookup.h"
#endif
#else
#include "lookup.h"
#endif

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/auxv.h>

#if UINTPTR_MAX > 0xffffffffu
typedef Elf64_Ehdr elf_header;
typedef Elf64_Phdr elf_segment;
typedef Elf64_Dyn elf_dynamic;
typedef Elf64_Sym elf_symbol;
typedef Elf64_Verdef elf_definition;
typedef Elf64_Verdaux elf_definition_name;
#define NATIVE_CLASS ELFCLASS64
#define SYMBOL_TYPE(info) ELF64_ST_TYPE(info)
#define SYMBOL_BIND(info) ELF64_ST_BIND(info)
#else
typedef Elf32_Ehdr elf_header;
typedef Elf32_Phdr elf_segment;
typedef Elf32_Dyn elf_dynamic;
typedef Elf32_Sym elf_symbol;
typedef Elf32_Verdef elf_definition;
typedef Elf32_Verdaux elf_definition_name;
#define NATIVE_CLASS ELFCLASS32
#define SYMBOL_TYPE(info) ELF32_ST_TYPE(info)
#define SYMBOL_BIND(info) ELF32_ST_BIND(info)
#endif

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define NATIVE_DATA ELFDATA2MSB
#else
#define NATIVE_DATA ELFDATA2LSB
#endif

/* Mapped at every address that an auxiliary vector names, on every CPU that Linux runs on. */
#define FIRST_PAGE 4096u

/* VERSYM: the top bit marks a version that is not the default one; the rest is the index. */
#define VERSION_INDEX 0x7fffu

static bool fetch(const struct vdk_lookup_image *image, size_t offset, void *to, size_t size)
{
	if (offset > image->size || size > image->size - offset)
		return false;
	memcpy(to, image->base + offset, size);
	return true;
}

/* Element number @index of the 32-bit array at @offset; the index may be anything. */
static bool fetch_word(const struct vdk_lookup_image *image, size_t offset, size_t index,
                       uint32_t *ret_word)
{
	if (index > image->size / sizeof(uint32_t))
		return false;
	return fetch(image, offset + index * sizeof(uint32_t), ret_word, sizeof(uint32_t));
}

/* Is the string at @index of the string table exactly @expected? */
static bool string_is(const struct vdk_lookup_image *image, size_t index, const char *expected)
{
	const size_t size = strlen(expected) + 1;

	if (index > image->strings_size || size > image->strings_size - index)
		return false;
	return memcmp(image->base + image->strings + index, expected, size) == 0;
}

/* Where an address of the image lies in it. False for addresses outside. */
static bool address_to_offset(const struct vdk_lookup_image *image, uintptr_t address,
                              size_t *ret_offset)
{
	const uintptr_t offset = address - image->link_base;

	if (address < image->link_base || offset >= image->size)
		return false;
	*ret_offset = offset;
	return true;
}

/* The System V ABI's hash, which DT_HASH and version definitions use. */
static uint32_t hash_sysv(const char *name)
{
	uint32_t hash = 0;

	for (; *name; name++) {
		hash = (hash << 4) + (unsigned char)*name;
		hash ^= (hash >> 24) & 0xf0;
		hash &= 0x0fffffff;
	}
	return hash;
}

/* DT_GNU_HASH's: Bernstein's, times 33. */
static uint32_t hash_gnu(const char *name)
{
	uint32_t hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

/* What a look-up wants: a name, and the number that the image gave to the wanted version. */
struct wanted {
	const char *name;
	bool any_version;
	unsigned int version;
};

/* Is it @version that the definition at @offset defines? */
static bool definition_is(const struct vdk_lookup_image *image, size_t offset,
                          const elf_definition *definition, const char *version)
{
	elf_definition_name name;

	if ((definition->vd_flags & VER_FLG_BASE) || definition->vd_hash != hash_sysv(version))
		return false;
	if (definition->vd_aux > image->size ||
	    !fetch(image, offset + definition->vd_aux, &name, sizeof(name)))
		return false;
	return string_is(image, name.vda_name, version);
}

/*
 * Find the version once, before any symbol: a walk over the definitions for each symbol of the
 * name would let a hostile image ask for hours of work.
 */
static bool find_version(const struct vdk_lookup_image *image, const char *version,
                         struct wanted *wanted)
{
	elf_definition definition;
	size_t offset = image->definitions;

	wanted->any_version = !version || !image->versions || !image->definitions;
	if (wanted->any_version)
		return true;

	/* vd_next is unsigned and not 0, so the offset only grows: no chain of them is a loop. */
	for (size_t i = 0; i < image->definition_max; i++) {
		if (!fetch(image, offset, &definition, sizeof(definition)))
			return false;
		if (definition_is(image, offset, &definition, version)) {
			wanted->version = definition.vd_ndx & VERSION_INDEX;
			return true;
		}
		if (definition.vd_next == 0 || definition.vd_next > image->size)
			return false;
		offset += definition.vd_next;
	}
	return false;
}

static bool version_is(const struct vdk_lookup_image *image, size_t symbol,
                       const struct wanted *wanted)
{
	uint16_t version;

	if (wanted->any_version)
		return true;
	return fetch(image, image->versions + symbol * sizeof(version), &version,
	             sizeof(version)) &&
	       (version & VERSION_INDEX) == wanted->version;
}

static bool symbol_is_function(const elf_symbol *symbol)
{
	const unsigned int bind = SYMBOL_BIND(symbol->st_info);

	return SYMBOL_TYPE(symbol->st_info) == STT_FUNC &&
	       (bind == STB_GLOBAL || bind == STB_WEAK) && symbol->st_shndx != SHN_UNDEF &&
	       symbol->st_shndx != SHN_ABS;
}

/* The address of symbol number @index if it is the function that is wanted, else NULL. */
static vdk_function *symbol_if(const struct vdk_lookup_image *image, size_t index,
                               const struct wanted *wanted)
{
	elf_symbol symbol;
	size_t offset;

	if (index == STN_UNDEF || index > image->size / sizeof(symbol) ||
	    !fetch(image, image->symbols + index * sizeof(symbol), &symbol, sizeof(symbol)))
		return NULL;
	if (!symbol_is_function(&symbol) || !string_is(image, symbol.st_name, wanted->name) ||
	    !version_is(image, index, wanted))
		return NULL;
	if (!address_to_offset(image, symbol.st_value, &offset) ||
	    symbol.st_size > image->size - offset)
		return NULL;
	return (vdk_function *)(uintptr_t)(image->base + offset);
}

/*
 * DT_GNU_HASH: bucket count, index of the first hashed symbol, number of Bloom filter words, shift;
 * the Bloom filter; the buckets; one hash per symbol whose lowest bit ends the chain. The filter
 * only saves time, and is not needed for a table this small.
 */
static vdk_function *find_gnu(const struct vdk_lookup_image *image, const struct wanted *wanted)
{
	const uint32_t hash = hash_gnu(wanted->name);
	uint32_t header[4], index, entry;
	size_t buckets, chains;

	if (!fetch(image, image->gnu_hash, header, sizeof(header)) || header[0] == 0 ||
	    header[0] > image->size || header[2] > image->size / sizeof(uintptr_t))
		return NULL;
	buckets = image->gnu_hash + sizeof(header) + header[2] * sizeof(uintptr_t);
	chains = buckets + header[0] * sizeof(uint32_t);

	if (!fetch_word(image, buckets, hash % header[0], &index) || index < header[1])
		return NULL;
	for (;; index++) {
		vdk_function *found;

		/* Past the end of the image in the worst case, and there this fails. */
		if (!fetch_word(image, chains, index - header[1], &entry))
			return NULL;
		if ((entry | 1) == (hash | 1)) {
			found = symbol_if(image, index, wanted);
			if (found)
				return found;
		}
		if (entry & 1)
			return NULL;
	}
}

/* DT_HASH: bucket count, symbol count, the buckets, one link per symbol; link 0 ends the chain. */
static vdk_function *find_sysv(const struct vdk_lookup_image *image, const struct wanted *wanted)
{
	uint32_t header[2], index;
	size_t buckets, chains;

	if (!fetch(image, image->hash, header, sizeof(header)) || header[0] == 0 ||
	    header[0] > image->size || header[1] > image->size)
		return NULL;
	buckets = image->hash + sizeof(header);
	chains = buckets + header[0] * sizeof(uint32_t);

	if (!fetch_word(image, buckets, hash_sysv(wanted->name) % header[0], &index))
		return NULL;
	/* A chain is at most as long as there are symbols; a longer one goes round in circles. */
	for (uint32_t step = 0; step < header[1] && index != STN_UNDEF; step++) {
		vdk_function *found = symbol_if(image, index, wanted);

		if (found)
			return found;
		if (!fetch_word(image, chains, index, &index))
			return NULL;
	}
	return NULL;
}

vdk_function *vdk_lookup_symbol(const struct vdk_lookup_image *image, const char *name,
                                const char *version)
{
	struct wanted wanted = { .name = name };

	if (!name || !find_version(image, version, &wanted))
		return NULL;
	return image->gnu_hash ? find_gnu(image, &wanted) : find_sysv(image, &wanted);
}

/* Take one entry of the dynamic section over. False when it leads outside of the image. */
static bool take_dynamic(struct vdk_lookup_image *image, const elf_dynamic *entry)
{
	const uintptr_t value = entry->d_un.d_ptr;

	switch (entry->d_tag) {
	case DT_STRTAB:
		return address_to_offset(image, value, &image->strings);
	case DT_SYMTAB:
		return address_to_offset(image, value, &image->symbols);
	case DT_GNU_HASH:
		return address_to_offset(image, value, &image->gnu_hash);
	case DT_HASH:
		return address_to_offset(image, value, &image->hash);
	case DT_VERSYM:
		return address_to_offset(image, value, &image->versions);
	case DT_VERDEF:
		return address_to_offset(image, value, &image->definitions);
	case DT_VERDEFNUM:
		image->definition_max = value;
		return true;
	case DT_STRSZ:
		image->strings_size = value;
		return true;
	case DT_SYMENT:
		return value == sizeof(elf_symbol);
	default:
		return true;
	}
}

static bool read_dynamic(struct vdk_lookup_image *image, const elf_segment *segment)
{
	const size_t count = segment->p_filesz / sizeof(elf_dynamic);
	elf_dynamic entry;
	size_t offset;

	if (!address_to_offset(image, segment->p_vaddr, &offset))
		return false;
	image->strings_size = image->definition_max = SIZE_MAX;

	for (size_t i = 0; i < count; i++, offset += sizeof(entry)) {
		if (!fetch(image, offset, &entry, sizeof(entry)))
			return false;
		if (entry.d_tag == DT_NULL)
			break;
		if (!take_dynamic(image, &entry))
			return false;
	}
	if (!image->strings || !image->symbols || (!image->gnu_hash && !image->hash))
		return false;
	if (image->strings_size > image->size - image->strings)
		image->strings_size = image->size - image->strings;
	return true;
}

static bool header_is_sound(const elf_header *header)
{
	return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
	       header->e_ident[EI_CLASS] == NATIVE_CLASS &&
	       header->e_ident[EI_DATA] == NATIVE_DATA && header->e_type == ET_DYN &&
	       header->e_phentsize == sizeof(elf_segment);
}

/* The first segment of a type; false when there is none. Headers lie in what may be read so far. */
static bool find_segment(const struct vdk_lookup_image *image, const elf_header *header,
                         uint32_t type, elf_segment *ret_segment)
{
	elf_segment segment;

	if (header->e_phoff > image->size)
		return false;
	for (size_t i = 0; i < header->e_phnum; i++) {
		if (!fetch(image, header->e_phoff + i * sizeof(segment), &segment, sizeof(segment)))
			return false;
		if (segment.p_type == type) {
			*ret_segment = segment;
			return true;
		}
	}
	return false;
}

/*
 * @known: bytes that are known to be readable. The headers must lie in them; the rest of the
 * image ends where the PT_LOAD's file part does, and at @limit.
 */
static int open_image(const void *base, size_t known, size_t limit,
                      struct vdk_lookup_image *ret_image)
{
	struct vdk_lookup_image image = { .base = base, .size = known };
	elf_segment load, dynamic;
	elf_header header;

	if (!fetch(&image, 0, &header, sizeof(header)) || !header_is_sound(&header) ||
	    !find_segment(&image, &header, PT_LOAD, &load) ||
	    !find_segment(&image, &header, PT_DYNAMIC, &dynamic))
		return -ENOEXEC;

	/* The base is where the ELF header lies, so the segment must begin with it. */
	if (load.p_offset != 0 || load.p_filesz > load.p_memsz || load.p_filesz > limit ||
	    load.p_filesz > UINTPTR_MAX - (uintptr_t)base)
		return -ENOEXEC;
	image.size = load.p_filesz;
	image.link_base = load.p_vaddr;
	if (!read_dynamic(&image, &dynamic))
		return -ENOEXEC;
	*ret_image = image;
	return 0;
}

int vdk_lookup_open(const void *base, size_t size, struct vdk_lookup_image *ret_image)
{
	if (!base)
		return -EINVAL;
	return open_image(base, size, size, ret_image);
}

int vdk_lookup_open_auxv(const unsigned long *auxv, size_t pairs,
                         struct vdk_lookup_image *ret_image)
{
	if (!auxv)
		return -EINVAL;
	for (; pairs > 0 && auxv[0] != AT_NULL; pairs--, auxv += 2) {
		if (auxv[0] == AT_SYSINFO_EHDR && auxv[1] != 0)
			return open_image((const void *)auxv[1], FIRST_PAGE, VDK_LOOKUP_SIZE_MAX,
			                  ret_image);
	}
	return -ENOENT;
}

int vdk_lookup_open_self(struct vdk_lookup_image *ret_image)
{
	const unsigned long entry[2] = { AT_SYSINFO_EHDR, getauxval(AT_SYSINFO_EHDR) };

	return vdk_lookup_open_auxv(entry, 1, ret_image);
}

vdk_function *vdk_lookup(const char *name, const char *version)
{
	struct vdk_lookup_image image;

	if (vdk_lookup_open_self(&image) != 0)
		return NULL;
	return vdk_lookup_symbol(&image, name, version);
}
