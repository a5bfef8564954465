/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: any bytes at all, cut where a line begins with '%', are the files of a prepared
 * tree that the doctor examines. Nothing may crash, and every string must end.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/doctor.h"
#include "fuzz.h"

static const char *const files[] = {
	"proc/42/maps", "proc/42/smaps", "proc/42/auxv", "proc/42/status", "proc/42/stat",
	"proc/42/environ", "proc/42/timens_offsets", "proc/cmdline", "proc/cpuinfo",
	"sys/devices/system/clocksource/clocksource0/current_clocksource",
	"sys/devices/system/clocksource/clocksource0/available_clocksource",
	"proc/sys/kernel/yama/ptrace_scope", "dev/kmsg", "measured", "etc/ld.so.preload",
	"proc/42/mem", "pristine", "proc/42/exe", "usr/bin/prog", "run/vdk/room/page",
	"run/vdk/room/image.so", "run/vdk/room/update.so", "run/vdk/.room.lock", "proc/version",
	"sys/devices/system/cpu/online", "proc/42/ns/time",
};

static const char *root;

/* Memory begins where the first mapping of a prepared process does, so that inputs are small. */
#define MEMORY 0x10000

/* The link to a time namespace: its text, as far as it is one. */
static void put_link(const char *path, struct fuzz_piece piece)
{
	char *text = fuzz_text(piece);

	text[strcspn(text, "\n")] = '\0';
	unlink(path);
	if (*text && strlen(text) < 200 && symlink(text, path))
		abort();
	free(text);
}

/*
 * Mapped files are told by their inodes: the digit behind 77 in a mapping's inode says which of
 * the prepared files is meant, so that 770 is the first one's.
 */
static void put_inodes(char *text)
{
	static const char *const mapped[] = {"usr/bin/prog", "run/vdk/room/page",
	                                     "run/vdk/room/image.so"};
	char path[256], number[24];
	struct stat status;

	for (char *at = text; (at = strstr(at, " 0000000077")); at += 11) {
		const size_t which = (size_t)(at[11] - '0');

		if (which >= FUZZ_COUNT(mapped))
			continue;
		snprintf(path, sizeof(path), "%s/%s", root, mapped[which]);
		if (stat(path, &status))
			continue;
		snprintf(number, sizeof(number), " %011llu", (unsigned long long)status.st_ino);
		if (strlen(number) == 12)
			memcpy(at, number, 12);
	}
}

static void put_file(const char *name, struct fuzz_piece piece)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	if (!strcmp(name, "proc/42/ns/time")) {
		put_link(path, piece);
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 ||
	    pwrite(fd, piece.data, piece.size, strcmp(name, "proc/42/mem") ? 0 : MEMORY) !=
	            (ssize_t)piece.size)
		abort();
	close(fd);
}

static void make_folders(void)
{
	static const char *const folders[] = {"proc", "proc/42", "proc/sys", "proc/sys/kernel",
		"proc/sys/kernel/yama", "sys", "sys/devices", "sys/devices/system",
		"sys/devices/system/clocksource", "sys/devices/system/clocksource/clocksource0",
		"dev", "etc", "proc/42/ns", "usr", "usr/bin", "run", "run/vdk", "run/vdk/room",
		"sys/devices/system/cpu"};
	char path[256];

	root = fuzz_folder();
	for (size_t i = 0; i < FUZZ_COUNT(folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, folders[i]);
		if (mkdir(path, 0755))
			abort();
	}
	for (size_t i = 0; i < FUZZ_COUNT(files); i++)
		put_file(files[i], (struct fuzz_piece){NULL, 0});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_piece input = {data, size};
	static struct doctor doctor;

	if (!root)
		make_folders();
	for (size_t i = 0; i < FUZZ_COUNT(files); i++) {
		const struct fuzz_piece piece = fuzz_take(&input);
		char *text = i ? NULL : fuzz_text(piece);

		if (text)
			put_inodes(text);
		put_file(files[i], text ? (struct fuzz_piece){(uint8_t *)text, piece.size} : piece);
		free(text);
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
