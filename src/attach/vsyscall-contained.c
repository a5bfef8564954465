/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Does a program, before its first instruction, have the fixed addresses in it? Its file tells, and
 * those of the libraries that its loader will bring: the very C library that it has is the one that
 * calls the page in most programs of that age. The loader's search is followed as far as it
 * usually goes; what a program loads later, or writes itself, is not seen.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attach/elf-file.h"
#include "attach/vsyscall.h"
#include "base/cleanup.h"
#include "base/vsyscall-scan.h"

#define FILE_MAX (UINT64_C(64) << 20) /* of each file; what old programs have is far smaller */
#define CHUNK ((size_t)256 << 10)
#define OVERLAP 8
#define LIBRARIES_MAX 256
#define ENVIRONMENT_MAX ((size_t)256 << 10)
#define CACHE_MAX ((size_t)8 << 20)

/* ---- One file ------------------------------------------------------------------------------ */

static bool scan_file(int fd)
{
	vdk_cleanup_free uint8_t *bytes = malloc(CHUNK + OVERLAP);

	for (uint64_t at = 0; bytes && at < FILE_MAX; at += CHUNK) {
		const ssize_t size = pread(fd, bytes, CHUNK + OVERLAP, (off_t)at);
		size_t place = 0;
		uint64_t address;

		if (size <= 0)
			return false;
		if (vdk_vsyscall_scan(bytes, (size_t)size, &place, &address))
			return true;
	}
	return false;
}

/* A path as the program sees it, whatever its root is; never a device, never a wait. */
static int open_in_root(int root, const char *path)
{
	const struct open_how how = {
	        .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
	        .resolve = RESOLVE_IN_ROOT,
	};
	vdk_cleanup_close int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	struct stat status;

	if (fd < 0 || fstat(fd, &status) || !S_ISREG(status.st_mode))
		return -1;
	return vdk_steal_fd(&fd);
}

static int open_root(pid_t tid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/root", tid);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int vdk_vsyscall_open_in_root(pid_t tid, const char *path)
{
	vdk_cleanup_close int root = open_root(tid);

	return root < 0 ? -1 : open_in_root(root, path);
}

/* ---- What the program is started with ------------------------------------------------------ */

struct search {
	int root;
	char *environment; /* NUL-separated, and one NUL more at the end */
	char *cache;       /* ld.so.cache, NULL when there is none */
	size_t cache_size;
	unsigned count, done;
	char *names[LIBRARIES_MAX]; /* wanted so far, each once */
};

static char *read_whole(int fd, size_t most, size_t *ret_size)
{
	char *text = NULL;
	size_t size = 0, room = 0;
	ssize_t got = 1;

	while (fd >= 0 && got > 0 && size < most) {
		if (size + 4096 + 2 > room) {
			char *larger = realloc(text, room = room * 2 + 65536);

			if (!larger)
				break;
			text = larger;
		}
		got = read(fd, text + size, 4096);
		size += got > 0 ? (size_t)got : 0;
	}
	if (text)
		text[size] = text[size + 1] = '\0';
	*ret_size = size;
	return text;
}

static char *read_environment(pid_t tid)
{
	char path[32];
	vdk_cleanup_close int fd = -1;
	size_t size;

	snprintf(path, sizeof(path), "/proc/%d/environ", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return read_whole(fd, ENVIRONMENT_MAX, &size);
}

static const char *variable(const struct search *search, const char *name)
{
	const size_t length = strlen(name);

	for (const char *at = search->environment; at && *at; at += strlen(at) + 1)
		if (!strncmp(at, name, length) && at[length] == '=')
			return at + length + 1;
	return "";
}

static void want(struct search *search, const char *name, size_t length)
{
	char *copy;

	if (!length || search->count == LIBRARIES_MAX)
		return;
	for (unsigned i = 0; i < search->count; i++)
		if (strlen(search->names[i]) == length && !strncmp(search->names[i], name, length))
			return;
	copy = strndup(name, length);
	if (copy)
		search->names[search->count++] = copy;
}

/* ---- Where a library is -------------------------------------------------------------------- */

/* One folder of a path list, "$ORIGIN" being the user's folder. */
static int open_in_folder(const struct search *search, const char *folder, size_t length,
                          const char *origin, const char *name)
{
	static const char *const forms[] = {"$ORIGIN", "${ORIGIN}"};
	char path[PATH_MAX];

	for (int i = 0; i < 2; i++) {
		const size_t form = strlen(forms[i]);

		if (length >= form && !strncmp(folder, forms[i], form)) {
			if (snprintf(path, sizeof(path), "%s%.*s/%s", origin, (int)(length - form),
			             folder + form, name) >= (int)sizeof(path))
				return -1;
			return open_in_root(search->root, path);
		}
	}
	/* A relative folder would be the program's current one, which changes nothing here. */
	if (!length || folder[0] != '/' ||
	    snprintf(path, sizeof(path), "%.*s/%s", (int)length, folder, name) >= (int)sizeof(path))
		return -1;
	return open_in_root(search->root, path);
}

static int open_in_list(const struct search *search, const char *list, const char *origin,
                        const char *name)
{
	int fd = -1;

	while (fd < 0 && *list) {
		const size_t length = strcspn(list, ":;");

		fd = open_in_folder(search, list, length, origin, name);
		list += length + (list[length] != '\0');
	}
	return fd;
}

/*
 * /etc/ld.so.cache: a header of 48 bytes, entries of 24, and strings at offsets from the header,
 * which may lie behind a table of an older format.
 */
static int open_by_cache(const struct search *search, const char *name)
{
	static const char magic[] = "glibc-ld.so.cache1.1";
	const char *begin = search->cache ? memmem(search->cache, search->cache_size, magic,
	                                           sizeof(magic) - 1)
	                                  : NULL;
	size_t size;
	uint32_t count;
	int fd = -1;

	if (!begin)
		return -1;
	size = search->cache_size - (size_t)(begin - search->cache); /* a NUL follows */
	if (size < 48)
		return -1;
	memcpy(&count, begin + 20, 4);
	for (uint32_t i = 0; fd < 0 && i < count && 48 + (i + 1) * (size_t)24 <= size; i++) {
		uint32_t key, value;

		memcpy(&key, begin + 48 + i * (size_t)24 + 4, 4);
		memcpy(&value, begin + 48 + i * (size_t)24 + 8, 4);
		if (key < size && value < size && !strcmp(begin + key, name))
			fd = open_in_root(search->root, begin + value);
	}
	return fd;
}

static int open_library(const struct search *search, const char *name, const char *paths,
                        const char *origin)
{
	static const char usual[] = "/lib64:/usr/lib64:/lib/x86_64-linux-gnu:"
	                            "/usr/lib/x86_64-linux-gnu:/lib:/usr/lib:/usr/local/lib";
	int fd;

	if (strchr(name, '/'))
		return open_in_root(search->root, name);
	fd = open_in_list(search, paths, origin, name);
	if (fd < 0)
		fd = open_in_list(search, variable(search, "LD_LIBRARY_PATH"), origin, name);
	if (fd < 0)
		fd = open_by_cache(search, name);
	return fd < 0 ? open_in_list(search, usual, origin, name) : fd;
}

/* ---- A program and its libraries ----------------------------------------------------------- */

/* The one list of folders that a file brings, its own: DT_RUNPATH, else DT_RPATH. */
static void read_paths(const struct elf_file *file, struct elf_strings *ret)
{
	elf_file_strings(file, DT_RUNPATH, ret);
	if (!ret->size)
		elf_file_strings(file, DT_RPATH, ret);
	if (!ret->size)
		ret->text[0] = '\0';
}

static void want_needed(struct search *search, const struct elf_file *file)
{
	struct elf_strings needed;

	elf_file_strings(file, DT_NEEDED, &needed);
	for (size_t at = 0; at < needed.size; at += strlen(needed.text + at) + 1)
		want(search, needed.text + at, strlen(needed.text + at));
}

static void want_preloaded(struct search *search)
{
	const char *list = variable(search, "LD_PRELOAD");

	while (*list) {
		const size_t length = strcspn(list, ": ");

		want(search, list, length);
		list += length + (list[length] != '\0');
	}
}

static bool libraries_contain(struct search *search, const struct elf_file *program,
                              const char *origin)
{
	struct elf_strings paths;
	char loader[256];

	if (elf_file_interpreter(program, loader, sizeof(loader)))
		want(search, loader, strlen(loader));
	want_preloaded(search);
	want_needed(search, program);
	read_paths(program, &paths);
	for (; search->done < search->count; search->done++) {
		vdk_cleanup_close int fd =
		        open_library(search, search->names[search->done], paths.text, origin);
		struct elf_file file;

		if (fd < 0 || !elf_file_open(fd, &file))
			continue;
		if (scan_file(fd))
			return true;
		want_needed(search, &file);
	}
	return false;
}

/* The folder that the program's file is in, in its own view. */
static void read_origin(pid_t tid, char origin[PATH_MAX])
{
	char link[32], *slash;
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/%d/exe", tid);
	length = readlink(link, origin, PATH_MAX - 1);
	origin[length > 0 ? length : 0] = '\0';
	slash = strrchr(origin, '/');
	if (slash)
		*slash = '\0';
}

static bool program_contains(pid_t tid, int program, struct search *search)
{
	vdk_cleanup_close int cache = -1;
	char origin[PATH_MAX];
	struct elf_file file;
	bool contains;

	if (!elf_file_open(program, &file))
		return false;
	if (scan_file(program))
		return true;
	if (search->root < 0)
		return false;
	cache = open_in_root(search->root, "/etc/ld.so.cache");
	search->cache = read_whole(cache, CACHE_MAX, &search->cache_size);
	read_origin(tid, origin);
	contains = libraries_contain(search, &file, origin);
	for (unsigned i = 0; i < search->count; i++)
		free(search->names[i]);
	free(search->cache);
	return contains;
}

/* ---- Verdicts, kept ------------------------------------------------------------------------ */

static uint64_t mix(uint64_t key, const void *bytes, size_t size)
{
	/* FNV-1a */
	for (size_t i = 0; i < size; i++)
		key = (key ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001b3);
	return key;
}

static uint64_t mix_file(uint64_t key, int fd)
{
	struct stat status;

	if (fstat(fd, &status))
		return key;
	key = mix(key, &status.st_dev, sizeof(status.st_dev));
	key = mix(key, &status.st_ino, sizeof(status.st_ino));
	key = mix(key, &status.st_size, sizeof(status.st_size));
	return mix(key, &status.st_ctim, sizeof(status.st_ctim));
}

/* The file, the root that its libraries are found in, and the variables that lead to others. */
static uint64_t key_of(int program, const struct search *search)
{
	uint64_t key = mix_file(mix_file(UINT64_C(0xcbf29ce484222325), program), search->root);
	const char *path = variable(search, "LD_LIBRARY_PATH");
	const char *preload = variable(search, "LD_PRELOAD");

	key = mix(mix(key, path, strlen(path)), preload, strlen(preload));
	return key ? key : 1;
}

bool vdk_vsyscall_contained(pid_t tid, struct vdk_vsyscall_seen *seen)
{
	const size_t room = sizeof(seen->slots) / sizeof(seen->slots[0]);
	struct search search = {.root = open_root(tid), .environment = read_environment(tid)};
	char path[32];
	int program;
	uint64_t key;
	size_t slot;

	snprintf(path, sizeof(path), "/proc/%d/exe", tid);
	program = open(path, O_RDONLY | O_CLOEXEC);
	key = key_of(program, &search);
	slot = key % room;
	/* One slot for each: the newer drives out the older. */
	if (program >= 0 && seen->slots[slot].key != key) {
		seen->slots[slot].contains = program_contains(tid, program, &search);
		seen->slots[slot].key = key;
	}
	free(search.environment);
	if (search.root >= 0)
		close(search.root);
	if (program >= 0)
		close(program);
	return program >= 0 && seen->slots[slot].contains;
}
