/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * daemon FILE - become a daemon the old way, outlive the parent, and only then exec a program
 * that writes the date to FILE.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int null;

	if (fork() != 0)
		return 0;
	setsid();
	if (fork() != 0)
		_exit(0);
	if (chdir("/") != 0)
		_exit(1);
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	/* Longer than the parent takes to go. */
	usleep(400000);
	execlp("sh", "sh", "-c", "date '+time daemon %s' > \"$1.new\" && mv \"$1.new\" \"$1\"", "sh",
	       argv[1], (char *)NULL);
	_exit(1);
}
