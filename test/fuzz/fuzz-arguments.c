/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: any command line, as command.h has them. The first byte chooses the command.
 * Those of kernel/ have targets of their own there. If the file "/f" is an image, then it is published
 * as "room" as well, with a page that was never written.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vdk/note.h>
#include <vdk/publish.h>

#include "command.h"
#include "commands.h"

static const struct {
	const char *name;
	fuzz_main *main;
} commands[] = {
	{"auxv", cmd_auxv},	{"bench", cmd_bench},	{"build", cmd_build},
	{"check", cmd_check},	{"diff", cmd_diff},	{"doctor", cmd_doctor},
	{"dump", cmd_dump},	{"entropy", cmd_entropy}, {"faketime", cmd_faketime},
	{"flags", cmd_flags},	{"get", cmd_get},	{"ls", cmd_ls},
	{"maps", cmd_maps},	{"perf-map", cmd_perf_map}, {"publish", cmd_publish},
	{"run", cmd_run},	{"script", cmd_script},	{"set", cmd_set},
	{"symbols", cmd_symbols}, {"unpublish", cmd_unpublish}, {"verify", cmd_verify},
	{"vsyscall", cmd_vsyscall}, {"watch", cmd_watch},
	{"verify", cmd_verify_attached},
};

/* A thread that waits beside the command, to tell that it hangs. */
void __wrap_look_watch(const char *command);
void __wrap_look_watch_end(void);

void __wrap_look_watch(const char *command)
{
	(void)command;
}

void __wrap_look_watch_end(void)
{
}

/* A page for an image; -1: it wants none. */
static int open_page(struct fuzz_piece image)
{
	struct vdk_note note;
	int fd = -1;

	if (vdk_note_read_memory(image.data, image.size, "fuzz", &note, NULL))
		return -1;
	if (note.table && vdk_page_create(-1, NULL, 0, &note, &fd, NULL))
		fd = -1;
	if (fd >= 0 && fchmod(fd, 0644)) /* memory is open to all */
		abort();
	vdk_note_clear(&note);
	return fd;
}

static int open_published(const char *path, struct fuzz_piece image)
{
	if (!strcmp(path, "image.so"))
		return fuzz_file(image);
	if (!strcmp(path, "page"))
		return open_page(image);
	if (!strcmp(path, "writers"))
		return fuzz_file((struct fuzz_piece){NULL, 0});
	return -1;
}

static const char *make_runtime_dir(void)
{
	static const char *const files[] = {"image.so", "page"}; /* only their names are looked at */
	const char *folder = fuzz_folder();
	char path[128];

	snprintf(path, sizeof(path), "%s/room", folder);
	if (mkdir(path, 0755))
		abort();
	for (size_t i = 0; i < FUZZ_COUNT(files); i++) {
		snprintf(path, sizeof(path), "%s/room/%s", folder, files[i]);
		close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	}
	return folder;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_piece input = {data, size};
	const size_t which = fuzz_byte(&input) % FUZZ_COUNT(commands);

	if (!fuzz_open) {
		fuzz_runtime_dir = make_runtime_dir();
		fuzz_open = open_published;
	}
	fuzz_command(commands[which].main, commands[which].name, input);
	return 0;
}
