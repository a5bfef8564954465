/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hostinfo's update hook itself, on a root whose files are damaged anew for every call. Whatever
 * they hold, texts end, what is not known is zero and no descriptor is lost. With sanitizers
 * (dev.ini) every byte too far is seen as well.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* The hook as it is built, without a publisher around it. */
#include "../../vdsos/hostinfo/hostinfo.update.c"

static const struct {
	const char *path, *text;
} samples[] = {
	{"/proc/loadavg", "0.20 1.18 12.02 1/80 11206\n"},
	{"/proc/uptime", "350735.47 234388.90\n"},
	{"/proc/meminfo", "MemTotal:        8139028 kB\nMemFree:         1000000 kB\n"
			  "MemAvailable:    2000000 kB\nBuffers:              12 kB\n"
			  "Cached:              900 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n"},
	{"/proc/sys/kernel/random/boot_id", "65c7f178-f190-4837-961e-97466a53ec46\n"},
	{"/proc/sys/kernel/hostname", "example\n"},
	{"/sys/devices/system/cpu/online", "0-7\n"},
	{"/proc/pressure/cpu", "some avg10=1.00 avg60=2.00 avg300=3.00 total=4\n"
			       "full avg10=5.00 avg60=6.00 avg300=7.00 total=8\n"},
	{"/proc/self/cgroup", "3:cpu:/v1\n0::/shop/web\n"},
	{"/proc/self/mountinfo", "22 1 0:20 / /proc rw - proc proc rw\n"
				 "41 31 0:38 / /cg\\040roup rw shared:9 - cgroup2 cgroup2 rw\n"},
	{"/cg roup/cgroup.controllers", "cpuset cpu io memory pids\n"},
	{"/cg roup/shop/cgroup.controllers", "cpu memory\n"},
	{"/cg roup/shop/memory.max", "8000000\n"},
	{"/cg roup/shop/cpu.max", "250000 100000\n"},
	{"/cg roup/shop/cpuset.cpus.effective", "0-3,7\n"},
	{"/cg roup/shop/web/cgroup.controllers", "cpu memory\n"},
	{"/cg roup/shop/web/memory.max", "max\n"},
	{"/cg roup/shop/web/memory.current", "1234\n"},
	{"/cg roup/shop/web/cpu.max", "max 100000\n"},
	{"/cg roup/shop/web/io.pressure", "some avg10=1.00 avg60=2.00 avg300=3.00 total=4\n"},
};

#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static char root[256];
static unsigned seen_known, seen_unknown;

static void put(size_t sample, const char *bytes, size_t size)
{
	char path[512], *slash;
	int fd;

	snprintf(path, sizeof(path), "%s%s", root, samples[sample].path);
	for (slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		mkdir(path, 0755);
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	close(fd);
}

/* Some bytes changed, an end cut off, or far too much of it. */
static void put_damaged(size_t sample)
{
	static char bytes[20000];
	size_t size = strlen(samples[sample].text);

	memcpy(bytes, samples[sample].text, size);
	for (int i = rand() % 3; i >= 0; i--)
		bytes[(size_t)rand() % size] = "0123456789 .,-=:/\\\nmax\0\xff"[rand() % 24];
	if (rand() % 4 == 0)
		size = (size_t)rand() % (size + 1);
	else if (rand() % 16 == 0)
		for (; size < sizeof(bytes); size++)
			bytes[size] = bytes[size % 20];
	put(sample, bytes, size);
}

static void check_zero(const uint64_t *words, size_t size)
{
	for (size_t i = 3; i < size / 8; i++)
		assert_true(words[i] == 0);
}

static int check_write(struct vdk_update *u, struct vdk_update_site *site, const void *value)
{
	const uint64_t known = *(const uint64_t *)value;

	if (!strcmp(site->tag, "hostinfo_cgroup")) {
		const struct hostinfo_cgroup *record = value;

		assert_non_null(memchr(record->path, '\0', sizeof(record->path)));
		if (known & HOSTINFO_CGROUP_CPU_QUOTA)
			assert_true(record->cpu_period_us != 0);
	} else if (!strcmp(site->tag, "hostinfo_identity")) {
		const struct hostinfo_identity *record = value;

		assert_non_null(memchr(record->boot_id, '\0', sizeof(record->boot_id)));
		assert_non_null(memchr(record->hostname, '\0', sizeof(record->hostname)));
	}
	if (known)
		seen_known++;
	else
		check_zero(value, site->size), seen_unknown++;
	return 0;
}

static int descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static void damaged_roots(void **state)
{
	struct vdk_update u = {.size = sizeof(u), .write = check_write};
	int most = 0;

	srand(1);
	for (u.count = 0; u.count < 1000 * LOOK_AGAIN; u.count += LOOK_AGAIN) {
		for (int i = rand() % 4; i > 0; i--)
			put_damaged((size_t)rand() % SAMPLES);
		u.error = 0;
		vdk_update_module.hook(&u);
		assert_int_equal(u.error, 0);
		if (u.count < 10 * LOOK_AGAIN)
			most = descriptors() > most ? descriptors() : most;
		for (size_t i = 0; i < SAMPLES && rand() % 3 == 0; i++)
			put(i, samples[i].text, strlen(samples[i].text));
	}
	assert_in_range(descriptors(), 1, most + 8);
	/* Both kinds were met, or nothing was tested. */
	assert_true(seen_known > 500 && seen_unknown > 300);
}

static int prepare(void **state)
{
	const char *folder = getenv("TMPDIR");

	snprintf(root, sizeof(root), "%s/vdk-test-hook.XXXXXX", folder ? folder : P_tmpdir);
	assert_non_null(mkdtemp(root));
	setenv("VDK_HOSTINFO_ROOT", root, 1);
	for (size_t i = 0; i < SAMPLES; i++)
		put(i, samples[i].text, strlen(samples[i].text));
	return 0;
}

static int clean(void **state)
{
	char command[sizeof(root) + 16];

	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	/* A folder that this program made. NOLINTNEXTLINE(cert-env33-c) */
	return system(command);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(damaged_roots)};

	return cmocka_run_group_tests(tests, prepare, clean) != 0;
}
