/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-process.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- Between two system calls of the reader -------------------------------------------------- */

int fake_countdown;
void (*fake_act)(void);
int fake_interruptions;
bool fake_no_openat2;

ssize_t pread(int fd, void *to, size_t size, off_t offset)
{
	if (fake_interruptions) {
		fake_interruptions--;
		errno = EINTR;
		return -1;
	}
	if (fake_countdown < 0 || (fake_countdown && --fake_countdown == 0))
		fake_act();
	return syscall(SYS_pread64, fd, to, size, offset);
}

long syscall(long number, ...)
{
	static long (*next)(long, ...);
	long a[6];
	va_list args;

	if (number == SYS_openat2 && fake_no_openat2) {
		errno = ENOSYS;
		return -1;
	}
	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "syscall");
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* ---- The folder ------------------------------------------------------------------------------ */

char fake_folder[] = "/tmp/vdk-process.XXXXXX";
int fake_dir = -1;
struct vdk_report fake_report;

void fake_put(const char *name, const void *bytes, size_t size, off_t offset)
{
	const int fd = openat(fake_dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	if (offset == 0)
		assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, bytes, size, offset), size);
	close(fd);
}

void fake_text(const char *name, const char *text)
{
	fake_put(name, text, strlen(text), 0);
}

void fake_cut(const char *name, off_t size)
{
	const int fd = openat(fake_dir, name, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

void fake_auxv(uint64_t vdso, off_t own)
{
	const uint64_t auxv[] = {AT_PAGESZ, 4096, AT_SYSINFO_EHDR, vdso, AT_UID, 0, AT_NULL, 0};

	fake_put("auxv", auxv, sizeof(auxv), 0);
	if (own)
		fake_put("mem", auxv, sizeof(auxv), own);
}

static const char *const names[] = {"maps", "auxv", "stat", "exe", "mem", "root"};

/* A process with a stack, an image and a page; tests take away or change what they are about. */
int fake_setup(void **state)
{
	uint8_t image[4096] = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64};

	fake_countdown = fake_interruptions = 0;
	fake_no_openat2 = false;
	fake_report = (struct vdk_report){0};
	strcpy(strrchr(fake_folder, '.'), ".XXXXXX");
	if (!mkdtemp(fake_folder))
		return -1;
	fake_dir = open(fake_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fake_text("maps", FAKE_MAPS);
	fake_put("mem", "", 1, FAKE_PAGE + 4095);
	fake_put("mem", image, sizeof(image), FAKE_IMAGE);
	fake_auxv(FAKE_IMAGE, FAKE_VECTOR);
	return 0;
}

int fake_teardown(void **state)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (unlinkat(fake_dir, names[i], 0))
			unlinkat(fake_dir, names[i], AT_REMOVEDIR);
	close(fake_dir);
	return rmdir(fake_folder);
}

struct vdk_process *fake_open(void)
{
	struct vdk_process *process;

	assert_int_equal(vdk_process_open_dir(dup(fake_dir), 42, &process, &fake_report), 0);
	return process;
}

int fake_image(bool kernel, struct vdk_bytes *ret)
{
	struct vdk_process *process = fake_open();
	const int error = vdk_process_image(process, kernel, ret, &fake_report);

	vdk_process_close(process);
	return error;
}

void fake_refuses_image(int expected, const char *words)
{
	struct vdk_bytes image;

	assert_int_equal(fake_image(false, &image), expected);
	if (!strstr(fake_report.text, words))
		fail_msg("expected \"%s\", found \"%s\"", words, fake_report.text);
	assert_string_equal(fake_report.object, "process 42");
}
