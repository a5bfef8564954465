/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The image and the pages that a process has mapped, read of a prepared folder, where the process
 * does at the worst moment what a real one does once in a million looks.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <vdk/format.h>
#include <vdk/note.h>

#include "fake-process.h"

static void image_is_copied(void **state)
{
	struct vdk_bytes image;

	for (int kernel = 0; kernel < 2; kernel++) {
		assert_int_equal(fake_image(kernel, &image), 0);
		assert_int_equal(image.size, 4096);
		assert_int_equal(image.address, FAKE_IMAGE);
		assert_memory_equal(image.bytes, ELFMAG, SELFMAG);
		free(image.bytes);
	}
	/* A signal during a read is no end of it. */
	fake_interruptions = 3;
	assert_int_equal(fake_image(false, &image), 0);
	free(image.bytes);
}

static void image_refused(void **state)
{
	fake_auxv(0, FAKE_VECTOR);
	fake_refuses_image(-ENOENT, "has no vDSO");
	fake_auxv(0x30000, FAKE_VECTOR);
	fake_refuses_image(-ENOEXEC, "AT_SYSINFO_EHDR is 0x30000, where no page is mapped");
	fake_auxv(FAKE_IMAGE + 8, FAKE_VECTOR);
	fake_refuses_image(-ENOEXEC, "where no page is mapped");
	fake_auxv(FAKE_STACK, FAKE_VECTOR);
	fake_refuses_image(-ENOEXEC, "expected an ELF image");
	/* No offset of a file is so large. */
	fake_text("maps", FAKE_MAPS "ffffffffff600000-ffffffffff601000 --xp 0 00:00 0 [vsyscall]\n");
	fake_auxv(UINT64_C(0xffffffffff600000), FAKE_VECTOR);
	fake_refuses_image(-EFAULT, "cannot read its vDSO at 0xffffffffff600000");
	fake_text("maps", FAKE_MAPS "10000000-14001000 r-xp 0 00:00 0 [vdso]\n");
	fake_auxv(0x10000000, FAKE_VECTOR);
	fake_refuses_image(-EFBIG, "found a mapping of 67112960");
	fake_text("maps", "");
	fake_refuses_image(-ESRCH, "a zombie, or a kernel thread");
	unlinkat(fake_dir, "maps", 0);
	fake_refuses_image(-ESRCH, "cannot read its mappings");
}

static void write_image(void)
{
	static uint8_t byte;

	fake_put("mem", &(uint8_t){++byte}, 1, FAKE_IMAGE + 100);
}

static void unmap_image(void)
{
	fake_text("maps", "10000-20000 rw-p 0 00:00 0 [stack]\n");
}

static void grow_image(void)
{
	fake_text("maps", "10000-20000 rw-p 0 00:00 0 [stack]\n40000-42000 r-xp 0 00:00 0 [vdso]\n");
}

static void end_process(void)
{
	unlinkat(fake_dir, "maps", 0);
}

/* Whatever is done before whichever read: the whole image as it was, or a refusal. */
static void image_changes_meanwhile(void **state)
{
	static const struct {
		void (*act)(void);
		int error;
	} cases[] = {{write_image, -EAGAIN}, {unmap_image, -EAGAIN}, {grow_image, -EAGAIN},
	             {end_process, -ESRCH}};
	struct vdk_bytes image;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool refused = false;

		for (int when = 1; when < 20; when++) {
			int error;

			fake_text("maps", FAKE_MAPS);
			fake_act = cases[i].act;
			fake_countdown = when;
			error = fake_image(true, &image);
			if (!error)
				free(image.bytes);
			else
				assert_int_equal(error, cases[i].error);
			refused |= error != 0;
		}
		assert_true(refused);
	}
	fake_text("maps", FAKE_MAPS);
	fake_act = write_image;
	fake_countdown = -1;
	fake_refuses_image(-EAGAIN, "changed its vDSO while it was read");
}

/* ---- A file as an image ---------------------------------------------------------------------- */

static void shorten_file(void)
{
	fake_cut("exe", 10);
}

static void file_images(void **state)
{
	struct vdk_bytes image;
	char file[64];

	snprintf(file, sizeof(file), "%s/exe", fake_folder);
	assert_int_equal(vdk_file_image(file, &image, &fake_report), -ENOENT);
	assert_int_equal(vdk_file_image(fake_folder, &image, &fake_report), -ENOEXEC);
	fake_text("exe", "\177ELF of a file that is no image but begins as one");
	fake_interruptions = 2;
	assert_int_equal(vdk_file_image(file, &image, &fake_report), 0);
	assert_int_equal(image.address, 0);
	assert_memory_equal(image.bytes, "\177ELF of", 7);
	free(image.bytes);
	fake_act = shorten_file;
	fake_countdown = 1;
	assert_int_equal(vdk_file_image(file, &image, &fake_report), -EAGAIN);
	fake_cut("exe", (off_t)VDK_IMAGE_SIZE_MAX + 1);
	assert_int_equal(vdk_file_image(file, &image, &fake_report), -EFBIG);
}

/* ---- Pages ----------------------------------------------------------------------------------- */

static void write_page(void)
{
	static uint8_t byte;

	fake_put("mem", &(uint8_t){++byte}, 1, FAKE_PAGE + 200);
}

static int page_fd(const struct vdk_map *map, int *ret_fd)
{
	struct vdk_process *process = fake_open();
	const int error = vdk_process_page_fd(process, map, ret_fd);

	vdk_process_close(process);
	return error;
}

static void page_without_a_file(void **state)
{
	struct vdk_map map = {.start = FAKE_PAGE, .end = FAKE_PAGE + 4096, .inode = 7, .deleted = true,
	                      .path = "/memfd:page"};
	char bytes[8];
	int fd = -1;

	fake_put("mem", "a page", 7, FAKE_PAGE);
	assert_int_equal(page_fd(&map, &fd), 0);
	assert_int_equal(pread(fd, bytes, sizeof(bytes), 0), sizeof(bytes));
	assert_string_equal(bytes, "a page");
	assert_int_equal(lseek(fd, 0, SEEK_END), 4096);
	close(fd);
	/* Once it is only read again, each time it is given up. */
	fake_act = write_page;
	fake_countdown = 2;
	assert_int_equal(page_fd(&map, &fd), 0);
	close(fd);
	fake_countdown = -1;
	assert_int_equal(page_fd(&map, &fd), -EAGAIN);
	fake_countdown = 0;
	map.end = FAKE_PAGE + VDK_PAGE_SIZE_MAX + 4096;
	assert_int_equal(page_fd(&map, &fd), -EBADMSG);
	map.end = FAKE_PAGE + 2 * 4096;
	assert_int_equal(page_fd(&map, &fd), -ESRCH);
}

/* By its path below the process's root, and only if it is that very file. */
static void page_by_its_path(void **state)
{
	struct vdk_map map = {.start = FAKE_PAGE, .end = FAKE_PAGE + 4096, .path = "/maps"};
	char path[64], bytes[5];
	struct stat stat;
	int fd = -1;

	assert_int_equal(fstatat(fake_dir, "maps", &stat, 0), 0);
	map.inode = stat.st_ino;
	map.major = major(stat.st_dev);
	map.minor = minor(stat.st_dev);
	assert_int_equal(symlinkat(fake_folder, fake_dir, "root"), 0);
	for (int old = 0; old < 2; old++) {
		fake_no_openat2 = old;
		assert_int_equal(page_fd(&map, &fd), 0);
		assert_int_equal(pread(fd, bytes, sizeof(bytes), 0), sizeof(bytes));
		assert_memory_equal(bytes, FAKE_MAPS, 5);
		close(fd);
		/* There is no such file below its root; below ours there is. */
		unlinkat(fake_dir, "root", 0);
		snprintf(path, sizeof(path), "%s/maps", fake_folder);
		map.path = path;
		assert_int_equal(page_fd(&map, &fd), 0);
		assert_int_equal(pread(fd, bytes, sizeof(bytes), 0), sizeof(bytes));
		assert_memory_equal(bytes, FAKE_MAPS, 5);
		close(fd);
		assert_int_equal(symlinkat(fake_folder, fake_dir, "root"), 0);
		map.path = "/maps";
	}
	/* Another one under the same name: a copy of the memory, which is empty. */
	map.inode++;
	assert_int_equal(page_fd(&map, &fd), 0);
	assert_int_equal(pread(fd, bytes, sizeof(bytes), 0), sizeof(bytes));
	assert_memory_equal(bytes, "\0\0\0\0", 5);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(image_is_copied),
		FAKE_TEST(image_refused),
		FAKE_TEST(image_changes_meanwhile),
		FAKE_TEST(file_images),
		FAKE_TEST(page_without_a_file),
		FAKE_TEST(page_by_its_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
