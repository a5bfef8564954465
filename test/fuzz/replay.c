/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * In place of libFuzzer, for any compiler: give a target each file of some folders once, and some
 * damaged forms of it. usage: fuzz-NAME FOLDER|FILE...
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

#define INPUT_MAX ((size_t)1 << 20)

static unsigned int inputs, runs;
static bool exact; /* no damaged forms: what is measured is the inputs' own reach */

/* In memory of just this size, so that a byte read too many is seen. */
static void give(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = calloc(1, size ? size : 1);

	if (!copy)
		abort();
	if (size)
		memcpy(copy, bytes, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	runs++;
}

/* Cut at places spread over the input, and with single bytes turned over. */
static void give_damaged(uint8_t *bytes, size_t size)
{
	const size_t step = size / 8 + 1;

	for (size_t at = 0; at < size; at += step) {
		give(bytes, at);
		bytes[at] ^= 0xff;
		give(bytes, size);
		bytes[at] ^= 0xff;
	}
}

static int replay_file(const char *path)
{
	uint8_t *bytes = malloc(INPUT_MAX);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t size = fd < 0 || !bytes ? -1 : read(fd, bytes, INPUT_MAX);

	if (size < 0) {
		fprintf(stderr, "%s: cannot be read\n", path);
		return 1;
	}
	close(fd);
	/* To be found in the output when this one ends the program. */
	dprintf(STDOUT_FILENO, "%s\n", path);
	give(bytes, (size_t)size);
	if (!exact)
		give_damaged(bytes, (size_t)size);
	inputs++;
	free(bytes);
	return 0;
}

static int replay(const char *path)
{
	struct dirent **entries;
	char inside[PATH_MAX];
	struct stat status;
	int count, wrong = 0;

	if (stat(path, &status)) {
		perror(path);
		return 1;
	}
	if (!S_ISDIR(status.st_mode))
		return replay_file(path);
	count = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		snprintf(inside, sizeof(inside), "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			wrong |= replay_file(inside);
		free(entries[i]);
	}
	free(entries);
	return wrong;
}

int main(int argc, char **argv)
{
	int wrong = 0, first = 1;

	exact = argc > 1 && !strcmp(argv[1], "--exact");
	first += exact;
	give(NULL, 0);
	for (int i = first; i < argc; i++)
		wrong |= replay(argv[i]);
	dprintf(STDOUT_FILENO, "figure inputs %u\nfigure runs %u\n", inputs, runs);
	return wrong || !inputs;
}
