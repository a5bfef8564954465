/* SPDX-License-Identifier: MIT */
/* The article's program, with the declaration that C asks for since 1999. */
#include <stdio.h>

int number_of_the_beast(void);

int main(void)
{
	int notb = number_of_the_beast();

	printf("His number is %d\n", notb);

	return 0;
}
