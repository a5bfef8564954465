/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which running processes have the vsyscall page's addresses in the files that they have mapped. */
#include "vsyscall-running.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vdk/inspect.h>

#include "base/cleanup.h"
#include "base/printable.h"
#include "inspect/process.h"
#include "look.h"

#define FILE_MAX (UINT64_C(64) << 20) /* of each file */
#define CHUNK ((size_t)256 << 10)
#define OVERLAP 8

/* A file that was read, once for all processes. */
struct seen {
	uint64_t inode;
	uint32_t major, minor;
	struct vdk_vsyscall_places places;
};

struct search {
	const struct vdk_vsyscall_sink *sink;
	struct vdk_vsyscall_totals *totals;
	struct seen *files;
	size_t room;
	struct vdk_process *process;
	pid_t pid;
	char name[32];
};

static void scan(int fd, struct vdk_vsyscall_places *ret)
{
	vdk_cleanup_free uint8_t *bytes = malloc(CHUNK + OVERLAP);

	for (uint64_t from = 0; bytes && from < FILE_MAX; from += CHUNK) {
		const ssize_t size = pread(fd, bytes, CHUNK + OVERLAP, (off_t)from);
		uint64_t address;

		if (size <= 0)
			return;
		for (size_t at = 0;
		     vdk_vsyscall_scan(bytes, (size_t)size, &at, &address) && at < CHUNK; at += 7)
			if (!ret->count++) {
				ret->first = from + at;
				ret->address = address;
			}
	}
}

/* What a file contains; it is read when it is met first. NULL: out of memory. */
static const struct seen *look_into(struct search *search, const struct vdk_map *map)
{
	struct vdk_vsyscall_totals *totals = search->totals;
	struct seen *larger;
	int fd = -1;

	for (size_t i = 0; i < totals->files; i++)
		if (search->files[i].inode == map->inode &&
		    search->files[i].major == map->major && search->files[i].minor == map->minor)
			return &search->files[i];
	if (totals->files == search->room) {
		larger = reallocarray(search->files, search->room + 256, sizeof(*larger));
		if (!larger)
			return NULL;
		search->files = larger;
		search->room += 256;
	}
	larger = &search->files[totals->files++];
	*larger = (struct seen){map->inode, map->major, map->minor, {0}};
	look_watch("vsyscall");
	if (!vdk_process_mapped(search->process, map, 0, &fd)) {
		scan(fd, &larger->places);
		close(fd);
	}
	look_watch_end();
	return larger;
}

/* Was this file met before among the mappings of the same process? */
static bool is_repeated(const struct vdk_maps *maps, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (maps->maps[i].inode == maps->maps[index].inode &&
		    maps->maps[i].major == maps->maps[index].major &&
		    maps->maps[i].minor == maps->maps[index].minor)
			return true;
	return false;
}

static void search_maps(struct search *search, const struct vdk_maps *maps)
{
	for (size_t i = 0; i < maps->count; i++) {
		const struct vdk_map *map = &maps->maps[i];
		const struct seen *file;

		if (!map->inode || map->owner == VDK_OWNER_NONE || is_repeated(maps, i))
			continue;
		file = look_into(search, map);
		if (!file || !file->places.count)
			continue;
		search->totals->found++;
		search->sink->found(search->sink->data, search->pid, search->name, map->path,
		                    &file->places);
	}
}

static void read_name(struct search *search)
{
	vdk_cleanup_free char *text = NULL;
	size_t size = 0;

	if (vdk_process_file(search->process, "comm", 4096, &text, &size))
		size = 0;
	snprintf(search->name, sizeof(search->name), "%.*s", size ? (int)size - 1 : 0, size ? text : "");
	vdk_printable(search->name, strlen(search->name));
}

static void search_process(struct search *search)
{
	vdk_cleanup_free char *text = NULL;
	struct vdk_maps *maps;
	size_t size;
	int error = vdk_process_open(search->pid, &search->process, NULL);

	if (error)
		return;
	read_name(search);
	error = vdk_process_file(search->process, "maps", VDK_MAPS_TEXT_MAX, &text, &size);
	search->totals->forbidden += error == -EACCES || error == -EPERM;
	/* Kernel threads have none, and some end while we look. */
	if (!error && size && !vdk_maps_parse(text, size, "maps", NULL, &maps, NULL)) {
		search->totals->processes++;
		search_maps(search, maps);
		vdk_maps_free(maps);
	}
	vdk_process_close(search->process);
}

int vdk_vsyscall_running(const struct vdk_vsyscall_sink *sink, struct vdk_vsyscall_totals *ret)
{
	struct search search = {.sink = sink, .totals = ret};
	struct dirent *entry;
	DIR *folder;

	*ret = (struct vdk_vsyscall_totals){0};
	folder = opendir("/proc");
	if (!folder)
		return -errno;
	while ((entry = readdir(folder)))
		/* This command has the addresses itself; it runs in a child of its kind (look_apart). */
		if (look_parse_pid(entry->d_name, &search.pid) && search.pid != getpid() &&
		    search.pid != getppid())
			search_process(&search);
	closedir(folder);
	free(search.files);
	return 0;
}
