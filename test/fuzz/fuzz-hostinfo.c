/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: the files of /proc, /sys and of cgroups that the publisher of hostinfo reads, each
 * a piece of the input. A container's owner writes some of them, and lays out the cgroups.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup-values.h"
#include "fuzz.h"
#include "machine.h"

static const char *const files[] = {
	"proc/self/cgroup", "proc/self/mountinfo", "proc/loadavg", "proc/uptime", "proc/meminfo",
	"sys/devices/system/cpu/online", "proc/sys/kernel/random/boot_id",
	"proc/sys/kernel/hostname", "proc/pressure/cpu", "c/cgroup.controllers", "c/cpu.max",
	"c/memory.max", "c/memory.current", "c/cpuset.cpus.effective", "c/memory.pressure",
	"c/a/cgroup.controllers", "c/a/cpu.max", "c/a/memory.max",
};

static const char *root;

static void make_folders(void)
{
	static const char *const folders[] = {
		"proc", "proc/self", "proc/sys", "proc/sys/kernel", "proc/sys/kernel/random",
		"proc/pressure", "sys", "sys/devices", "sys/devices/system",
		"sys/devices/system/cpu", "c", "c/a"};
	char path[256];

	root = fuzz_folder();
	setenv("VDK_HOSTINFO_ROOT", root, 1);
	for (size_t i = 0; i < FUZZ_COUNT(folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, folders[i]);
		if (mkdir(path, 0755))
			abort();
	}
}

static void put_files(struct fuzz_piece input)
{
	char path[256];

	for (size_t i = 0; i < FUZZ_COUNT(files); i++) {
		const struct fuzz_piece piece = fuzz_take(&input);
		int fd;

		snprintf(path, sizeof(path), "%s/%s", root, files[i]);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (fd < 0 || write(fd, piece.data, piece.size) != (ssize_t)piece.size)
			abort();
		close(fd);
	}
}

static void close_machine(void)
{
	struct source *const sources[] = {&loadavg, &uptime, &online, &meminfo, &boot_id, &hostname,
	                                  &cpu_pressure, &memory_pressure, &io_pressure};

	for (size_t i = 0; i < FUZZ_COUNT(sources); i++)
		source_close(sources[i], -ENOENT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hostinfo_load load = {0};
	struct hostinfo_memory memory = {0};
	struct hostinfo_cgroup own = {0};
	struct hostinfo_pressure all = {0};
	struct hostinfo_cgroup_pressure part = {0};
	struct hostinfo_identity identity = {0};
	struct cgroup cgroup;

	if (!root)
		make_folders();
	put_files((struct fuzz_piece){data, size});
	cgroup_init(&cgroup);
	open_machine();
	cgroup_open(&cgroup, NULL);
	read_load(&load, 0);
	read_memory(&memory);
	read_cgroup(&cgroup, &own);
	read_pressure(&all);
	read_cgroup_pressure(&cgroup, &part);
	read_identity(&identity);
	/* Strings that others will print end inside of their fields. */
	if (!memchr(own.path, '\0', sizeof(own.path)) ||
	    !memchr(identity.hostname, '\0', sizeof(identity.hostname)))
		abort();
	cgroup_close(&cgroup);
	close_machine();
	return 0;
}
