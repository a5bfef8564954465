/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hostinfo - what hostinfo's functions cost beside the files that they stand for
 *
 *   vdk run --once --vdso NAME bench/hostinfo [--rounds N]
 *
 * NAME is a publication of vdsos/hostinfo with a publisher that runs. Three ways to all fields, in
 * one process and by turns:
 *
 *   functions   vdk_hostinfo_all(), and the six functions that give one struct each
 *   files       each file opened, read, parsed and closed, as programs do it; by the publisher's
 *               own parser, which takes less than sscanf(3) would. Where the cgroup is mounted was
 *               looked up before.
 *   kept open   the same files without opening and closing: what the publisher does
 *
 * Those named "one ..." make one call to a batch, so that their p99.9 is that of calls, with
 * the timing in it.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <vdk/lookup.h>

#include "../../vdsos/hostinfo/cgroup-values.h"
#include "../../vdsos/hostinfo/machine.h"
#include "bench.h"

struct all {
	struct hostinfo_load load;
	struct hostinfo_memory memory;
	struct hostinfo_cgroup cgroup;
	struct hostinfo_pressure pressure;
	struct hostinfo_cgroup_pressure cgroup_pressure;
	struct hostinfo_identity identity;
};

static struct {
	int (*load)(struct hostinfo_load *, size_t);
	int (*memory)(struct hostinfo_memory *, size_t);
	int (*cgroup)(struct hostinfo_cgroup *, size_t);
	int (*pressure)(struct hostinfo_pressure *, size_t);
	int (*cgroup_pressure)(struct hostinfo_cgroup_pressure *, size_t);
	int (*identity)(struct hostinfo_identity *, size_t);
	int (*all)(void *, const size_t *, uint32_t);
	int64_t (*available)(void);
} get;

static struct cgroup cgroup;
static char cgroup_directory_path[4096];
static size_t cgroup_mount_length;

static void *find(const char *name)
{
	char symbol[64];
	vdk_function *found;

	snprintf(symbol, sizeof(symbol), "__vdso_vdk_hostinfo_%s", name);
	found = vdk_lookup(symbol, "LINUX_2.6");
	if (!found) {
		fputs("bench: run this by `vdk run --vdso NAME`, where NAME is a publication of "
		      "vdsos/hostinfo\n",
		      stderr);
		exit(3);
	}
	return (void *)(uintptr_t)found;
}

static void find_all(void)
{
	*(void **)&get.load = find("load");
	*(void **)&get.memory = find("memory");
	*(void **)&get.cgroup = find("cgroup");
	*(void **)&get.pressure = find("pressure");
	*(void **)&get.cgroup_pressure = find("cgroup_pressure");
	*(void **)&get.identity = find("identity");
	*(void **)&get.all = find("all");
	*(void **)&get.available = find("memory_available");
}

/* ---- Three ways ----------------------------------------------------------------------------- */

static int from_all(struct all *all)
{
	static const size_t sizes[] = {sizeof(all->load),     sizeof(all->memory),
	                               sizeof(all->cgroup),   sizeof(all->pressure),
	                               sizeof(all->pressure), sizeof(all->identity)};

	return get.all(all, sizes, 6);
}

static int from_functions(struct all *all)
{
	return get.load(&all->load, sizeof(all->load)) |
	       get.memory(&all->memory, sizeof(all->memory)) |
	       get.cgroup(&all->cgroup, sizeof(all->cgroup)) |
	       get.pressure(&all->pressure, sizeof(all->pressure)) |
	       get.cgroup_pressure(&all->cgroup_pressure, sizeof(all->cgroup_pressure)) |
	       get.identity(&all->identity, sizeof(all->identity));
}

static void from_open_files(struct all *all)
{
	memset(all, 0, sizeof(*all));
	read_load(&all->load, 1);
	read_memory(&all->memory);
	read_cgroup(&cgroup, &all->cgroup);
	read_pressure(&all->pressure);
	read_cgroup_pressure(&cgroup, &all->cgroup_pressure);
	read_identity(&all->identity);
}

static void close_machine(void)
{
	struct source *const files[] = {&loadavg,  &uptime,       &online,
	                                &meminfo,  &boot_id,      &hostname,
	                                &cpu_pressure, &memory_pressure, &io_pressure};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		source_close(files[i], -ENOENT);
}

static void open_cgroup(void)
{
	char path[CGROUP_PATH], directory[4096];

	memcpy(path, cgroup.path, sizeof(path));
	cgroup_close(&cgroup);
	memcpy(cgroup.path, path, sizeof(path));
	strcpy(directory, cgroup_directory_path);
	if (*directory && !cgroup_open_levels(&cgroup, directory, cgroup_mount_length))
		cgroup.levels = 0;
}

static void from_files(struct all *all)
{
	close_machine();
	open_machine();
	open_cgroup();
	from_open_files(all);
}

/* ---- The rounds ----------------------------------------------------------------------------- */

static struct all all;

#define LOOP(name, statement)                                                                      \
	static void name(const struct subject *subject, uint32_t calls)                            \
	{                                                                                          \
		for (; calls; calls--) {                                                           \
			statement;                                                                 \
			__asm__ volatile("" ::: "memory");                                         \
		}                                                                                  \
	}

LOOP(run_nothing, )
LOOP(run_all, from_all(&all))
LOOP(run_functions, from_functions(&all))
LOOP(run_available, get.available())
LOOP(run_open_files, from_open_files(&all))
LOOP(run_files, from_files(&all))

/* Both ways must tell the same, or the figures would compare different things. */
static void compare(void)
{
	struct all by_function, by_all, by_file;

	if (from_functions(&by_function) || from_all(&by_all)) {
		fputs("bench: hostinfo has no fresh values: its publisher must run\n", stderr);
		exit(3);
	}
	from_files(&by_file);
	if (by_function.load.known != by_file.load.known ||
	    by_function.memory.known != by_file.memory.known ||
	    by_function.cgroup.known != by_file.cgroup.known ||
	    by_function.pressure.known != by_file.pressure.known ||
	    by_function.cgroup_pressure.known != by_file.cgroup_pressure.known ||
	    by_function.identity.known != by_file.identity.known ||
	    by_function.memory.total != by_file.memory.total ||
	    strcmp(by_function.cgroup.path, by_file.cgroup.path) != 0 ||
	    strcmp(by_all.identity.hostname, by_file.identity.hostname) != 0) {
		fputs("bench: the functions and the files know different things\n", stderr);
		exit(3);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"rounds", required_argument, NULL, 'r'}, {0}};
	struct subject subjects[] = {
		{"hostinfo", "files", NULL, run_files, .calls = 1},
		{"hostinfo", "files kept open", "files", run_open_files, .calls = 1},
		{"hostinfo", "vdk_hostinfo_all()", "files", run_all, .calls = 32},
		{"hostinfo", "six functions", "files", run_functions, .calls = 16},
		{"hostinfo", "available memory alone", "files", run_available, .calls = 64},
		{"hostinfo", "one vdk_hostinfo_all()", "files", run_all, .calls = 1},
		{"hostinfo", "one empty batch", NULL, run_nothing, .calls = 1},
	};
	const unsigned count = sizeof(subjects) / sizeof(subjects[0]);
	struct json_object *result = json_object_new_object();
	unsigned rounds = 5000;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'r')
			return 2;
		rounds = (unsigned)strtoul(optarg, NULL, 10);
	}
	find_all();
	/* Before this process is bound to a CPU; the cgroup is the publisher's where both share it. */
	cgroup_init(&cgroup);
	cgroup_open(&cgroup, getenv("VDK_HOSTINFO_CGROUP"));
	if (!cgroup_directory(cgroup.path, cgroup_directory_path, &cgroup_mount_length))
		*cgroup_directory_path = '\0';
	run_files(NULL, 1);
	links_besides = count_links_besides("/proc");
	compare();
	bench_pin(-1);
	bench_rounds(subjects, count, rounds);
	json_object_object_add(result, "subjects", measure_json(subjects, count));
	bench_print(result);
	return 0;
}
