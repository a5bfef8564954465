/* SPDX-License-Identifier: MIT */
/*
 * Flags in C: for how many of 10000 users is one on?
 *
 *     vdk run --vdso flags -- ./ask new-checkout
 */
#include <stdint.h>
#include <stdio.h>

#include <vdk/lookup.h>

typedef int find_fn(const char *name);
typedef int on_fn(int number, uint64_t user);

int main(int argc, char **argv)
{
	find_fn *find = (find_fn *)vdk_lookup("__vdso_flag_find", "LINUX_2.6");
	on_fn *on = (on_fn *)vdk_lookup("__vdso_flag_on", "LINUX_2.6");
	int number, count = 0;

	/* Without the vDSO every flag is off, as it is with one that nobody turned on. */
	if (!find || !on || argc < 2) {
		fputs("no flags here: start me with vdk run --vdso flags\n", stderr);
		return 1;
	}
	number = find(argv[1]);
	for (uint64_t user = 0; user < 10000; user++)
		count += on(number, user) > 0;
	printf("%s: %d of 10000\n", argv[1], count);
	return 0;
}
