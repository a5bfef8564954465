/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The look-up in the vDSO that this very process has, against the dynamic loader's answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

#include <vdk/lookup.h>

static const char *const functions[] = {
	"clock_gettime", "gettimeofday", "time", "getcpu", "clock_getres", "getrandom",
};

static void need_vdso(void)
{
	if (getauxval(AT_SYSINFO_EHDR))
		return;
	print_message("this process has no vDSO: booted with vdso=0?\n");
	skip();
}

/* Each loader has its own name for the vDSO, and musl's knows no versions. */
#ifdef __GLIBC__
#define LOADERS_NAME "linux-vdso.so.1"
static void *ask_loader(void *handle, const char *name)
{
	return dlvsym(handle, name, "LINUX_2.6");
}
#else
#define LOADERS_NAME "linux-gate.so.1"
static void *ask_loader(void *handle, const char *name)
{
	return dlsym(handle, name);
}
#endif

static void test_answers_are_the_loaders(void **state)
{
	unsigned int found = 0;
	void *handle;

	need_vdso();
	handle = dlopen(LOADERS_NAME, RTLD_NOLOAD | RTLD_NOW);
	assert_non_null(handle);
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		char names[2][64];

		snprintf(names[0], sizeof(names[0]), "__vdso_%s", functions[i]);
		snprintf(names[1], sizeof(names[1]), "%s", functions[i]);
		for (int j = 0; j < 2; j++) {
			void *expected = ask_loader(handle, names[j]);

			assert_ptr_equal((void *)vdk_lookup(names[j], "LINUX_2.6"), expected);
			assert_ptr_equal((void *)vdk_lookup(names[j], NULL), dlsym(handle, names[j]));
			found += expected != NULL;
		}
	}
	/* Every kernel since 2.6.25 has at least these three. */
	assert_true(found >= 2 * 3);
	dlclose(handle);
}

static void test_what_is_not_there(void **state)
{
	need_vdso();
	assert_null((void *)vdk_lookup("__vdso_clock_gettime", "LINUX_2.7"));
	assert_null((void *)vdk_lookup("__vdso_clock_gettime", ""));
	assert_null((void *)vdk_lookup("__vdso_clock_gettim", "LINUX_2.6"));
	assert_null((void *)vdk_lookup("__vdso_clock_gettimes", "LINUX_2.6"));
	assert_null((void *)vdk_lookup("", NULL));
	assert_null((void *)vdk_lookup(NULL, NULL));
	/* An absolute object that names the version, not a function. */
	assert_null((void *)vdk_lookup("LINUX_2.6", NULL));
}

static void test_answer_can_be_called(void **state)
{
	long (*gettime)(int, struct timespec *);
	struct timespec before, now, after;

	need_vdso();
	gettime = (long (*)(int, struct timespec *))vdk_lookup("__vdso_clock_gettime", "LINUX_2.6");
	assert_non_null((void *)gettime);
	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_int_equal(gettime(CLOCK_MONOTONIC, &now), 0);
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_true(before.tv_sec <= now.tv_sec && now.tv_sec <= after.tv_sec);
	assert_int_equal(gettime(-1000000, &now), -EINVAL);
}

static void test_auxv_of_the_kernel(void **state)
{
	unsigned long auxv[2 * 64];
	struct vdk_lookup_image image, self;
	const int fd = open("/proc/self/auxv", O_RDONLY | O_CLOEXEC);
	ssize_t size;

	need_vdso();
	assert_true(fd >= 0);
	size = read(fd, auxv, sizeof(auxv));
	close(fd);
	assert_true(size > 0);
	assert_int_equal(vdk_lookup_open_auxv(auxv, (size_t)size / sizeof(auxv[0]) / 2, &image), 0);
	assert_int_equal(vdk_lookup_open_self(&self), 0);
	/* Under attach the two differ: the kernel goes on showing its own. Both must work. */
	assert_non_null((void *)vdk_lookup_symbol(&image, "__vdso_clock_gettime", "LINUX_2.6"));
	assert_non_null((void *)vdk_lookup_symbol(&self, "__vdso_clock_gettime", "LINUX_2.6"));
}

static void test_auxv_without_entry(void **state)
{
	const unsigned long ended[] = { AT_PAGESZ, 4096, AT_NULL, 0, AT_SYSINFO_EHDR, 4096 };
	const unsigned long zero[] = { AT_SYSINFO_EHDR, 0, AT_NULL, 0 };
	const unsigned long ignored[] = { AT_IGNORE, getauxval(AT_SYSINFO_EHDR), AT_NULL, 0 };
	const unsigned long late[] = { AT_PAGESZ, 4096, AT_SYSINFO_EHDR, 4096 };
	struct vdk_lookup_image image = { .size = 77 };

	assert_int_equal(vdk_lookup_open_auxv(NULL, 1, &image), -EINVAL);
	assert_int_equal(vdk_lookup_open_auxv(ended, 3, &image), -ENOENT);
	assert_int_equal(vdk_lookup_open_auxv(ended, SIZE_MAX, &image), -ENOENT);
	assert_int_equal(vdk_lookup_open_auxv(zero, SIZE_MAX, &image), -ENOENT);
	assert_int_equal(vdk_lookup_open_auxv(ignored, SIZE_MAX, &image), -ENOENT);
	assert_int_equal(vdk_lookup_open_auxv(late, 1, &image), -ENOENT);
	assert_int_equal(vdk_lookup_open_auxv(late, 0, &image), -ENOENT);
	assert_int_equal(image.size, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers_are_the_loaders),
		cmocka_unit_test(test_what_is_not_there),
		cmocka_unit_test(test_answer_can_be_called),
		cmocka_unit_test(test_auxv_of_the_kernel),
		cmocka_unit_test(test_auxv_without_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
