/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: any bytes at all, cut where a line begins with '%', are the files of a prepared
 * tree that the doctor examines. Nothing may crash, and every string must end.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/doctor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const files[] = {
	"proc/42/maps", "proc/42/smaps", "proc/42/auxv", "proc/42/status", "proc/42/stat",
	"proc/42/environ", "proc/42/timens_offsets", "proc/cmdline", "proc/cpuinfo",
	"sys/devices/system/clocksource/clocksource0/current_clocksource",
	"sys/devices/system/clocksource/clocksource0/available_clocksource",
	"proc/sys/kernel/yama/ptrace_scope", "dev/kmsg", "measured", "etc/ld.so.preload",
	"proc/42/mem", "pristine",
};

static char root[] = "/tmp/fuzz-doctor-XXXXXX";

static void remove_root(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	if (system(command))
		perror(root);
}

static void make_folders(void)
{
	static const char *const folders[] = {"proc", "proc/42", "proc/sys", "proc/sys/kernel",
		"proc/sys/kernel/yama", "sys", "sys/devices", "sys/devices/system",
		"sys/devices/system/clocksource", "sys/devices/system/clocksource/clocksource0",
		"dev", "etc"};
	char path[256];

	if (!mkdtemp(root))
		abort();
	atexit(remove_root);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, folders[i]);
		if (mkdir(path, 0755))
			abort();
	}
}

static void put_file(const char *name, const uint8_t *data, size_t size)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct doctor doctor;
	static int made;

	if (!made++)
		make_folders();
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const uint8_t *end = size ? memmem(data, size, "\n%", 2) : NULL;
		const size_t length = end ? (size_t)(end - data) : size;

		put_file(files[i], data, length);
		data += length + (end ? 2 : 0);
		size -= length + (end ? 2 : 0);
	}
	if (doctor_open(&doctor, root, "42", NULL))
		return 0;
	doctor_examine(&doctor);
	for (size_t i = 0; i < doctor.finding_count; i++)
		if (doctor.findings[i].id >= DOCTOR_IDS || !*doctor.findings[i].cost ||
		    doctor.findings[i].evidence_count > DOCTOR_EVIDENCE_MAX)
			abort();
	doctor_close(&doctor);
	return 0;
}
