/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loads - a program that loads libraries at run time (its argument is one), and that finds the
 * vDSO in the dynamic loader's own list, as profilers do.
 */
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>

static int count_vdso(struct dl_phdr_info *info, size_t size, void *ret_count)
{
	if (info->dlpi_addr == getauxval(AT_SYSINFO_EHDR))
		++*(int *)ret_count;
	return 0;
}

int main(int argc, char **argv)
{
	void *library = dlopen(argv[1], RTLD_NOW);
	void *vdso = dlopen("linux-vdso.so.1", RTLD_NOW | RTLD_NOLOAD);
	long (*seconds)(void) = library ? (long (*)(void))dlsym(library, "plugin_seconds") : NULL;
	long (*gettime)(int, struct timespec *);
	int (*beast)(void);
	struct timespec now;
	int count = 0;

	if (!seconds || !vdso) {
		printf("%s\n", dlerror());
		return 1;
	}
	printf("time plugin %ld\n", seconds());
	gettime = (long (*)(int, struct timespec *))dlvsym(vdso, "__vdso_clock_gettime", "LINUX_2.6");
	if (!gettime || gettime(CLOCK_REALTIME, &now) != 0)
		return 2;
	printf("time dlvsym %lld\n", (long long)now.tv_sec);
	beast = (int (*)(void))dlvsym(vdso, "vget_number_of_the_beast", "LINUX_2.6");
	if (beast)
		printf("beast %d\n", beast());
	else
		printf("beast none\n");
	dl_iterate_phdr(count_vdso, &count);
	printf("in the list of objects: %d\n", count);
	dlclose(library);
	return 0;
}
