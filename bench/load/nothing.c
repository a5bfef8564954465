/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nothing - the shortest program, linked statically and dynamically: what starting one costs */
int main(void)
{
	return 0;
}
