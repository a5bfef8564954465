/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rig-exit - end the virtual machine with a status, through QEMU's isa-debug-exit device
 *
 * QEMU then exits with 2 * STATUS + 1. As the guest's first process this never returns.
 */
#include <stdlib.h>
#include <sys/io.h>
#include <unistd.h>

#define DEBUG_EXIT_PORT 0xf4

int main(int argc, char **argv)
{
	if (ioperm(DEBUG_EXIT_PORT, 4, 1) == 0)
		outl(argc > 1 ? (unsigned int)atoi(argv[1]) : 0, DEBUG_EXIT_PORT);
	return 1;
}
