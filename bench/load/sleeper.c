/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sleeper - a program that waits to be killed: what a process costs that does nothing */
#include <unistd.h>

int main(void)
{
	for (;;)
		pause();
}
