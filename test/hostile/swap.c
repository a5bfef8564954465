/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * swap A B - exchange two names (renameat2, RENAME_EXCHANGE) as fast as the kernel can, until
 *            SIGTERM; how often is printed then, and each has its own place again
 * swap --new DIR PREFIX B - the same with every name in DIR that begins with PREFIX
 *
 * What stands between somebody's check of a name and its use.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXCHANGE 2u /* RENAME_EXCHANGE; <linux/fs.h> and <stdio.h> both define it in some libcs */

static volatile sig_atomic_t ended;

static void end(int signal_number)
{
	ended = 1;
}

static int exchange(int a_dir, const char *a, const char *b)
{
	return syscall(SYS_renameat2, a_dir, a, AT_FDCWD, b, EXCHANGE) == 0;
}

static unsigned long swap_pair(const char *a, const char *b)
{
	unsigned long times = 0;

	while (!ended || times % 2)
		if (exchange(AT_FDCWD, a, b))
			times++;
		else if (ended)
			break;
	return times;
}

/* Once there and back for each name, so that what is in B's place is B again. */
static unsigned long swap_new(const char *path, const char *prefix, const char *b)
{
	unsigned long times = 0;
	struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir && !ended) {
		rewinddir(dir);
		while ((entry = readdir(dir)))
			if (!strncmp(entry->d_name, prefix, strlen(prefix)) &&
			    exchange(dirfd(dir), entry->d_name, b)) {
				usleep(200);
				while (!exchange(dirfd(dir), entry->d_name, b) && !ended)
					;
				times++;
			}
	}
	return times;
}

int main(int argc, char **argv)
{
	unsigned long times;

	signal(SIGTERM, end);
	if (argc == 5 && !strcmp(argv[1], "--new"))
		times = swap_new(argv[2], argv[3], argv[4]);
	else if (argc == 3)
		times = swap_pair(argv[1], argv[2]);
	else
		return 2;
	printf("%lu\n", times);
	return 0;
}
