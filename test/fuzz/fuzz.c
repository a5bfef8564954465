/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int fuzz_file(struct fuzz_piece piece)
{
	const int fd = memfd_create("fuzz", MFD_CLOEXEC);

	/* As a file of one's own has them; memory that may be executed is open to all. */
	if (fd < 0 || fchmod(fd, 0644) || (piece.size && pwrite(fd, piece.data, piece.size, 0) != (ssize_t)piece.size))
		abort();
	return fd;
}

const char *fuzz_path(int fd)
{
	static char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

static char folder[64];

static void remove_folder(void)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	/* A folder that this program made. NOLINTNEXTLINE(cert-env33-c) */
	if (system(command))
		perror(folder);
}

const char *fuzz_folder(void)
{
	snprintf(folder, sizeof(folder), "%s/vdk-fuzz-XXXXXX",
	         access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(folder) || atexit(remove_folder))
		abort();
	return folder;
}

void fuzz_quiet(void)
{
	static FILE *nowhere;

	/* Sanitizers and libFuzzer write to the descriptor, or to the stream that was there first. */
	if (!nowhere)
		nowhere = fopen("/dev/null", "we");
	if (!nowhere)
		abort();
	/* musl's streams are constants: there, where no sanitizer is, the text is seen. */
#ifdef __GLIBC__
	stdout = stderr = nowhere;
#endif
}
