/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A service manager's ear: print the datagrams that arrive at the socket named by the argument. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	char text[256];
	long length;

	if (argc != 2 || strlen(argv[1]) >= sizeof(address.sun_path))
		return 2;
	strcpy(address.sun_path, argv[1]);
	if (argv[1][0] == '@')
		address.sun_path[0] = 0;
	else
		remove(argv[1]);
	if (bind(fd, (struct sockaddr *)&address,
	         (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(argv[1]))) < 0)
		return 3;
	puts("listening");
	fflush(stdout);
	while ((length = recv(fd, text, sizeof(text) - 1, 0)) >= 0) {
		text[length] = 0;
		puts(text);
		fflush(stdout);
	}
	return 0;
}
