/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process whose vDSO never comes: it mounts a file system of its own on DIR (FUSE, root only),
 * answers everything but reads, maps a file of it and says that its vDSO is there. 77: no FUSE.
 */
#include <elf.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static void answer(int fd, const struct fuse_in_header *in, const void *data, size_t size)
{
	char buffer[4096];
	struct fuse_out_header out = {.len = (uint32_t)(sizeof(out) + size), .unique = in->unique};

	memcpy(buffer, &out, sizeof(out));
	memcpy(buffer + sizeof(out), data, size);
	if (write(fd, buffer, out.len) < 0)
		_exit(1);
}

static void serve_one(int fd, const struct fuse_in_header *in)
{
	const struct fuse_attr file = {.ino = 2, .size = 4096, .mode = S_IFREG | 0644, .nlink = 1};
	const struct fuse_attr dir = {.ino = 1, .mode = S_IFDIR | 0755, .nlink = 2};
	const struct fuse_init_out init = {.major = 7, .minor = 31, .max_write = 4096};
	const struct fuse_entry_out entry = {.nodeid = 2, .attr = file};
	const struct fuse_attr_out attr = {.attr = in->nodeid == 1 ? dir : file};
	const struct fuse_open_out opened = {.fh = 1};

	if (in->opcode == FUSE_INIT)
		answer(fd, in, &init, sizeof(init));
	else if (in->opcode == FUSE_LOOKUP)
		answer(fd, in, &entry, sizeof(entry));
	else if (in->opcode == FUSE_GETATTR)
		answer(fd, in, &attr, sizeof(attr));
	else if (in->opcode == FUSE_OPEN)
		answer(fd, in, &opened, sizeof(opened));
}

static void serve(int fd)
{
	static char buffer[1 << 20];

	while (read(fd, buffer, sizeof(buffer)) > 0)
		serve_one(fd, (const struct fuse_in_header *)buffer);
	_exit(0);
}

int main(int argc, char **argv)
{
	const int fd = argc > 1 ? open("/dev/fuse", O_RDWR) : -1;
	char options[128], path[4096];
	char **end = environ;
	void *map;
	int file;

	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (fd < 0 || mount("slow", argv[1], "fuse", 0, options))
		return 77;
	if (fork() == 0)
		serve(fd);
	close(fd);
	snprintf(path, sizeof(path), "%s/file", argv[1]);
	file = open(path, O_RDONLY);
	map = mmap(0, 4096, PROT_READ, MAP_PRIVATE, file, 0);
	if (map == MAP_FAILED)
		return 1;
	while (*end)
		end++;
	for (Elf64_auxv_t *auxv = (Elf64_auxv_t *)(end + 1); auxv->a_type; auxv++)
		if (auxv->a_type == AT_SYSINFO_EHDR)
			auxv->a_un.a_val = (unsigned long)map;
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
