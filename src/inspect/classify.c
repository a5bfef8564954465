/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a mapping is, by what a maps file tells: names, addresses, permissions and neighbours. No
 * byte of the mapping is read here, so this works for a saved file; identify.c corrects it by
 * content for a process.
 */
#include "inspect/classify.h"

#include <string.h>

/*
 * Guards of thread stacks have one page to some hundred KiB; larger ones are reservations. A
 * just-in-time compiler's code has guards, too, but no stack is run.
 */
#define GUARD_MAX (UINT64_C(1) << 20)
/* glibc reserves 64 MiB, aligned to as much, for the heap of a thread (HEAP_MAX_SIZE). */
#define ARENA (UINT64_C(64) << 20)

const char *vdk_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool same_file(const struct vdk_map *a, const struct vdk_map *b)
{
	return a->inode == b->inode && a->major == b->major && a->minor == b->minor &&
	       strcmp(a->path, b->path) == 0;
}

static bool adjacent(const struct vdk_map *a, const struct vdk_map *b)
{
	return a->end == b->start;
}

static bool is_anonymous(const struct vdk_map *map)
{
	return map->inode == 0 && *map->path == '\0';
}

static unsigned int rwx(const struct vdk_map *map)
{
	return map->access & (VDK_MAP_READ | VDK_MAP_WRITE | VDK_MAP_EXEC);
}

/* ---- By name --------------------------------------------------------------------------------- */

static enum vdk_map_kind bracket_kind(const char *path)
{
	static const struct {
		const char *name;
		enum vdk_map_kind kind;
	} names[] = {
	        {"[heap]", VDK_MAP_HEAP},         {"[stack]", VDK_MAP_STACK},
	        {"[vvar]", VDK_MAP_VVAR},         {"[vvar_vclock]", VDK_MAP_VVAR_VCLOCK},
	        {"[vdso]", VDK_MAP_VDSO},         {"[vsyscall]", VDK_MAP_VSYSCALL},
	        {"[uprobes]", VDK_MAP_UPROBES},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(path, names[i].name))
			return names[i].kind;
	/* Linux 3.4 to 4.4 named the stacks of threads: [stack:TID]. */
	if (starts(path, "[stack:"))
		return VDK_MAP_THREAD_STACK;
	if (starts(path, "[anon:"))
		return VDK_MAP_NAMED_ANON;
	return starts(path, "[anon_shmem:") ? VDK_MAP_SHARED_ANON : VDK_MAP_SPECIAL;
}

static bool is_huge(const char *path)
{
	return starts(path, "/anon_hugepage") || starts(path, "/dev/hugepages") ||
	       starts(path, "/hugepages") || starts(path, "/mnt/huge");
}

static enum vdk_map_kind named_kind(const struct vdk_map *map)
{
	/*
	 * By the address first: Linux before 2.6.23 called these pages [vdso] on x86-64, with 8 MiB
	 * and without permissions.
	 */
	if (map->start == VDK_VSYSCALL_ADDRESS)
		return VDK_MAP_VSYSCALL;
	if (*map->path == '[')
		return bracket_kind(map->path);
	if (is_huge(map->path))
		return VDK_MAP_HUGE;
	if (starts(map->path, "/memfd:"))
		return VDK_MAP_MEMFD;
	if (starts(map->path, "/SYSV") || starts(map->path, "/dev/shm/") ||
	    (map->deleted && !strcmp(map->path, "/dev/zero")))
		return VDK_MAP_SHARED_ANON;
	if (starts(map->path, "/dev/") || starts(map->path, "anon_inode:"))
		return VDK_MAP_DEVICE;
	return is_anonymous(map) ? VDK_MAP_ANON : VDK_MAP_FILE;
}

/* ---- ELF files: their parts ------------------------------------------------------------------ */

static bool is_loader(const char *path)
{
	const char *name = vdk_base_name(path);

	return starts(name, "ld-linux") || starts(name, "ld-musl") || starts(name, "ld64.so") ||
	       starts(name, "ld.so") || (starts(name, "ld-") && strstr(name, ".so"));
}

/* "libx.so", "libx.so.1", "libx-2.1.so". */
static bool is_library_name(const char *path)
{
	const char *name = vdk_base_name(path), *so = strstr(name, ".so");

	return so && (so[3] == '\0' || so[3] == '.');
}

/* One past the last mapping of the file of @first; other files' mappings do not lie between. */
static size_t file_end(const struct vdk_maps *maps, size_t first)
{
	size_t end = first + 1;

	for (size_t i = end; i < maps->count; i++) {
		const struct vdk_map *map = &maps->maps[i];

		if (same_file(&maps->maps[first], map))
			end = i + 1;
		else if (!is_anonymous(map))
			break;
	}
	return end;
}

/* Is this r-- part the one that the loader made read-only: directly before the data? */
static bool is_relro(const struct vdk_maps *maps, size_t i, size_t first, size_t end)
{
	const struct vdk_map *map = &maps->maps[i];
	bool headers_before_code = false, constants = false, code = false;

	/* Old linkers: code, a gap without access, then what begins the data's part. */
	if (i > first && same_file(map - 1, map) && !rwx(map - 1))
		return true;
	if (i + 1 >= end || !adjacent(map, map + 1) || !same_file(map, map + 1) ||
	    rwx(map + 1) != (VDK_MAP_READ | VDK_MAP_WRITE))
		return false;
	for (size_t j = first; j < i; j++) {
		const unsigned int access = rwx(&maps->maps[j]);

		if (access & VDK_MAP_EXEC)
			code = true;
		else if (access == VDK_MAP_READ && !code)
			headers_before_code = true;
		else if (access == VDK_MAP_READ)
			constants = true;
	}
	/* Old linkers put headers and constants into the code's part: any r-- is then this one. */
	return constants || !headers_before_code;
}

static enum vdk_map_kind part_kind(const struct vdk_maps *maps, size_t i, size_t first, size_t end)
{
	const struct vdk_map *map = &maps->maps[i];
	bool code = false;

	if (map->access & VDK_MAP_EXEC)
		return VDK_MAP_CODE;
	if (map->access & VDK_MAP_WRITE)
		return VDK_MAP_DATA;
	if (!rwx(map))
		return VDK_MAP_PADDING;
	if (is_relro(maps, i, first, end))
		return VDK_MAP_RELRO;
	for (size_t j = first; j < i; j++)
		code |= (maps->maps[j].access & VDK_MAP_EXEC) != 0;
	return code || map->offset ? VDK_MAP_CONSTANTS : VDK_MAP_HEADERS;
}

static enum vdk_map_owner owner_of(const struct vdk_map *map, const char **program)
{
	if (*program ? !strcmp(map->path, *program)
	             : !is_library_name(map->path) && !is_loader(map->path)) {
		*program = map->path;
		return VDK_OWNER_PROGRAM;
	}
	return is_loader(map->path) ? VDK_OWNER_LOADER : VDK_OWNER_LIBRARY;
}

/* A private file with an executable part is an ELF file for our purpose. */
static size_t classify_file(struct vdk_maps *maps, size_t first, const char **program)
{
	const size_t end = file_end(maps, first);
	enum vdk_map_owner owner;
	bool code = false;

	for (size_t i = first; i < end; i++)
		code |= maps->maps[i].kind == VDK_MAP_FILE &&
		        (maps->maps[i].access & (VDK_MAP_EXEC | VDK_MAP_SHARED)) == VDK_MAP_EXEC;
	if (!code)
		return first + 1;
	owner = owner_of(&maps->maps[first], program);
	for (size_t i = first; i < end; i++) {
		struct vdk_map *map = &maps->maps[i];

		if (map->kind != VDK_MAP_FILE)
			continue;
		map->kind = part_kind(maps, i, first, end);
		map->owner = owner;
	}
	for (size_t i = first; i < maps->count && i <= end; i++)
		if (i > first && maps->maps[i].kind == VDK_MAP_ANON &&
		    rwx(&maps->maps[i]) == (VDK_MAP_READ | VDK_MAP_WRITE) &&
		    adjacent(&maps->maps[i - 1], &maps->maps[i]) &&
		    maps->maps[i - 1].kind == VDK_MAP_DATA) {
			maps->maps[i].kind = VDK_MAP_BSS;
			maps->maps[i].owner = owner;
		}
	return end;
}

/* ---- Memory without a name ------------------------------------------------------------------- */

static void classify_anonymous(struct vdk_maps *maps, size_t i)
{
	struct vdk_map *map = &maps->maps[i], *next = i + 1 < maps->count ? map + 1 : NULL;
	const uint64_t size = map->end - map->start;

	if (map->kind != VDK_MAP_ANON || rwx(map))
		return;
	map->kind = VDK_MAP_RESERVED;
	if (size > GUARD_MAX || !next || !adjacent(map, next) || next->kind != VDK_MAP_ANON ||
	    rwx(next) != (VDK_MAP_READ | VDK_MAP_WRITE))
		return;
	map->kind = VDK_MAP_GUARD;
	/* Stacks have 64 KiB or more behind their guard. */
	if (next->end - next->start >= 65536)
		next->kind = VDK_MAP_THREAD_STACK;
}

/* The memory that glibc's malloc keeps for a thread: its beginning in use, the rest reserved. */
static void classify_arena(struct vdk_maps *maps, size_t i)
{
	struct vdk_map *map = &maps->maps[i];

	if (map->kind == VDK_MAP_ANON && map->start % ARENA == 0 && i + 1 < maps->count &&
	    adjacent(map, map + 1) && map[1].kind == VDK_MAP_RESERVED &&
	    map[1].end == map->start + ARENA)
		map->kind = VDK_MAP_HEAP;
}

/* A page's file, or the map that a BPF program writes, which has no name of its own. */
static bool is_page_name(const char *path)
{
	return strcmp(vdk_base_name(path), "page") == 0 || strcmp(path, "anon_inode:bpf-map") == 0;
}

/* What no content was read of: vdk's three regions by the names that publishing gives. */
static void classify_vdk(struct vdk_maps *maps, size_t i)
{
	struct vdk_map *image = &maps->maps[i], *page;

	if (!(image->access & VDK_MAP_EXEC) || i == 0 ||
	    strcmp(vdk_base_name(image->path), "image.so") != 0)
		return;
	page = image - 1;
	if (!adjacent(page, image) || !(page->access & VDK_MAP_SHARED) ||
	    !is_page_name(page->path))
		return;
	image->kind = VDK_MAP_VDK_IMAGE;
	page->kind = VDK_MAP_VDK_PAGE;
	image->owner = VDK_OWNER_NONE;
	if (i > 1 && adjacent(page - 1, page) && page[-1].kind == VDK_MAP_ANON &&
	    rwx(page - 1) == VDK_MAP_READ)
		page[-1].kind = VDK_MAP_VDK_PROCESS;
}

void vdk_maps_classify(struct vdk_maps *maps, const char *program)
{
	for (size_t i = 0; i < maps->count; i++)
		maps->maps[i].kind = named_kind(&maps->maps[i]);
	for (size_t i = 0; i < maps->count;)
		i = maps->maps[i].kind == VDK_MAP_FILE ? classify_file(maps, i, &program) : i + 1;
	for (size_t i = 0; i < maps->count; i++)
		classify_anonymous(maps, i);
	for (size_t i = 0; i < maps->count; i++) {
		classify_arena(maps, i);
		classify_vdk(maps, i);
	}
}
