/* SPDX-License-Identifier: MIT */
/* A library of the vDSO's name to link with, whose code must never run. */
int number_of_the_beast(void);

int number_of_the_beast(void)
{
	return 42;
}
