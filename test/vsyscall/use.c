/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * use            the time in seconds, by whatever library defines time(2), twice; TracerPid
 * use LIBRARY    the same, by the library's function, which is loaded only then
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

static void tell(time_t (*function)(time_t *))
{
	struct timeval tv = {0};
	char line[256];
	FILE *file = fopen("/proc/self/status", "r");

	gettimeofday(&tv, NULL);
	printf("%ld\n%ld\n", (long)function(NULL), (long)tv.tv_sec);
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "TracerPid:", 10))
			printf("%s", line);
	if (file)
		fclose(file);
}

int main(int argc, char **argv)
{
	void *library;

	if (argc == 1) {
		tell(time);
		return 0;
	}
	library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
	if (!library || !dlsym(library, "time")) {
		fprintf(stderr, "use: %s\n", dlerror());
		return 1;
	}
	tell((time_t (*)(time_t *))dlsym(library, "time"));
	return 0;
}
