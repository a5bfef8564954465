/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attach/vsyscall-site.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "arch-vsyscall.h"
#include "attach/elf-file.h"
#include "attach/tell.h"
#include "attach/vsyscall-answer.h"
#include "attach/vsyscall.h"
#include "base/cleanup.h"

/* What lies at an address, as /proc/PID/maps tells it. */
struct place {
	uint64_t start, offset; /* of the mapping; offset in the file */
	uint64_t device, inode;
	char path[PATH_MAX];
};

static bool find_place(pid_t tid, uint64_t address, struct place *ret)
{
	char path[32], line[PATH_MAX + 128];
	vdk_cleanup_fclose FILE *file = NULL;

	snprintf(path, sizeof(path), "/proc/%d/maps", tid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		uint64_t end;
		unsigned major_number, minor_number;
		int name = 0;

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*4s %" SCNx64 " %x:%x %" SCNu64 " %n",
		           &ret->start, &end, &ret->offset, &major_number, &minor_number,
		           &ret->inode, &name) != 6 ||
		    address < ret->start || address >= end)
			continue;
		ret->device = makedev(major_number, minor_number);
		snprintf(ret->path, sizeof(ret->path), "%s", line + name);
		return true;
	}
	return false;
}

/* Is it the first time? Beyond the table's end everything was told. */
static bool is_new(struct vdk_vsyscall_sites *sites, const struct place *place, uint64_t offset)
{
	const unsigned room = sizeof(sites->places) / sizeof(sites->places[0]);

	for (unsigned i = 0; i < sites->count; i++)
		if (sites->places[i].device == place->device &&
		    sites->places[i].inode == place->inode && sites->places[i].offset == offset)
			return false;
	if (sites->count == room)
		return false;
	sites->places[sites->count].device = place->device;
	sites->places[sites->count].inode = place->inode;
	sites->places[sites->count++].offset = offset;
	return true;
}

/* " in NAME+0x12", or nothing. */
static void describe_function(pid_t tid, const struct place *place, uint64_t offset,
                              char text[128])
{
	vdk_cleanup_close int fd = vdk_vsyscall_open_in_root(tid, place->path);
	struct elf_file file;
	struct stat status;
	char name[80];
	uint64_t address, within;

	text[0] = '\0';
	if (fd < 0 || fstat(fd, &status) || status.st_ino != place->inode ||
	    !elf_file_open(fd, &file) || !elf_file_address(&file, offset, &address) ||
	    !elf_file_function(&file, address, name, sizeof(name), &within))
		return;
	/* A hostile name must not play with the terminal. */
	for (char *c = name; *c; c++)
		if (*c < ' ' || *c == 127)
			*c = '?';
	snprintf(text, 128, " in %s+%#" PRIx64, name, within);
}

void vdk_vsyscall_site_tell(struct vdk_vsyscall_sites *sites, pid_t tid, uint64_t entry,
                            const struct vdk_registers *registers)
{
	const uint64_t caller = vdk_vsyscall_caller(tid, registers);
	struct place place = {0};
	char text[448], function[128];
	uint8_t before[8];
	uint64_t site, offset;
	const char *path;
	unsigned length = 0;

	if (vdk_vsyscall_peek(tid, caller - sizeof(before), before, sizeof(before)) ==
	    sizeof(before))
		length = vsyscall_call_length(before, sizeof(before));
	site = caller - length;
	if (!find_place(tid, site, &place)) {
		snprintf(text, sizeof(text),
		         "calls %s by the vsyscall page (%#" PRIx64 ") from address %#" PRIx64
		         ", where nothing is mapped",
		         vsyscall_name(entry), entry, site);
		if (is_new(sites, &place, site))
			vdk_tell(tid, text);
		return;
	}
	offset = place.inode ? site - place.start + place.offset : site;
	if (!is_new(sites, &place, offset))
		return;
	function[0] = '\0';
	path = place.path;
	if (place.inode)
		describe_function(tid, &place, offset, function);
	/* Of a long path the end says more. */
	if (strlen(path) > 180)
		path += strlen(path) - 180;
	snprintf(text, sizeof(text), "calls %s by the vsyscall page (%#" PRIx64 ") at %.180s+%#" PRIx64
	                             "%s",
	         vsyscall_name(entry), entry, *path ? path : "memory ", offset, function);
	vdk_tell(tid, text);
}
