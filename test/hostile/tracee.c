/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tracee MODE [ARGUMENT] - a process that does to itself what an inspector does not expect, until it
 * is killed. It prints "ready" when it does.
 *
 *   storm IMAGE    threads map, unmap, protect and rewrite: an image, headers, the vector, the vDSO
 *   names FOLDER   maps files whose names are bytes of every kind
 *   many IMAGE     as many mappings of a large image as the kernel allows
 *   execs          executes itself again and again
 *   thread         prints its other thread's number, too
 *   leaderless     the first thread has ended
 *   zombie         prints the number of a child that nobody waits for
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void ready(void)
{
	printf("ready\n");
	fflush(stdout);
}

static void rest(void)
{
	for (;;)
		pause();
}

/* ---- storm ----------------------------------------------------------------------------------- */

static int image_fd;
static size_t image_size;
static uint64_t *vector; /* the auxiliary vector on the stack */

/* An image that is there, is not, is another, and has other bytes from moment to moment. */
static void *storm_mappings(void *data)
{
	unsigned seed = (unsigned)(uintptr_t)data;
	const size_t size = (image_size + 4095) & ~4095ul;
	uint8_t *place = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (;;) {
		(void)mmap(place, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_FIXED,
		           image_fd, 0);
		for (int i = 0; i < 400; i++)
			place[rand_r(&seed) % image_size] = (uint8_t)rand_r(&seed);
		mprotect(place, size, PROT_READ | PROT_EXEC);
		mprotect(place, 4096, rand_r(&seed) % 8);
		if (rand_r(&seed) % 4 == 0)
			(void)mmap(place, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			           0);
		if (rand_r(&seed) % 4 == 0)
			munmap(mmap(NULL, 1 << 20, rand_r(&seed) % 8, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
			       1 << 20);
	}
	return NULL;
}

/* What AT_SYSINFO_EHDR says, as the program tells it. */
static void *storm_vector(void *data)
{
	unsigned seed = 1;
	const uint64_t vdso = getauxval(AT_SYSINFO_EHDR);
	const uint64_t values[] = {vdso, vdso + 4096, 0, 8, ~0ul, ~4095ul, 0x7fffffffffff, 4096, vdso};

	for (;;) {
		__atomic_store_n(&vector[1], values[rand_r(&seed) % 9], __ATOMIC_RELAXED);
		__atomic_store_n(&vector[0], rand_r(&seed) % 3 ? AT_SYSINFO_EHDR : AT_IGNORE,
		                 __ATOMIC_RELAXED);
	}
	return NULL;
}

/* The kernel's vDSO, rewritten through its writable side (a private copy). */
static void *storm_vdso(void *data)
{
	const uint64_t vdso = (uint64_t)(uintptr_t)data;
	const int memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	unsigned seed = 2;
	uint8_t byte;

	for (;;) {
		const off_t at = (off_t)vdso + rand_r(&seed) % 0x400;

		byte = (uint8_t)rand_r(&seed);
		if (pwrite(memory, &byte, 1, at) != 1)
			usleep(1000);
		if (rand_r(&seed) % 64 == 0)
			madvise((void *)vdso, 4096, MADV_DONTNEED);
	}
	return NULL;
}

static void begin(void *(*function)(void *), void *data)
{
	pthread_t thread;

	pthread_create(&thread, NULL, function, data);
}

static void open_image(const char *path)
{
	struct stat status;

	image_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (image_fd < 0 || fstat(image_fd, &status))
		exit(3);
	image_size = (size_t)status.st_size;
}

static void storm(const char *path, char **environment)
{
	while (*environment++)
		;
	vector = (uint64_t *)environment;
	while (vector[0] != AT_SYSINFO_EHDR && vector[0] != AT_NULL)
		vector += 2;
	open_image(path);
	begin(storm_mappings, (void *)3);
	begin(storm_mappings, (void *)4);
	begin(storm_vdso, (void *)(uintptr_t)getauxval(AT_SYSINFO_EHDR));
	begin(storm_vector, NULL);
	ready();
	rest();
}

/* ---- names ----------------------------------------------------------------------------------- */

static void names(const char *folder)
{
	static const char *const evil[] = {
		"new\nline", "escape\033[2J\033]0;title\007", "\xff\xfe\x80", "\302\23331mC1", "[vdso]",
		"[vvar]", "file (deleted)", "tab\tbell\a", "\"quotes\\", "<script>&amp;", "%s%n%p",
		"\xe2\x80\xaegnp.exe", "image.so", "page", "vdk-image", "cut\xe2\x82", " leading", "trailing ",
		"7f0000000000-7f0000001000 r-xp 00000000 00:00 0 [vdso]", "\\012octal",
	};

	if (chdir(folder))
		exit(3);
	for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		const int fd = open(evil[i], O_RDWR | O_CREAT, 0644);

		if (fd < 0 || ftruncate(fd, 8192) || pwrite(fd, ELFMAG, SELFMAG, 0) != SELFMAG)
			exit(3);
		(void)mmap(NULL, 8192, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
		(void)mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
		close(memfd_create(evil[i], 0));
	}
	ready();
	rest();
}

/* ---- many ------------------------------------------------------------------------------------ */

static void many(const char *path)
{
	const int fd = memfd_create("large", MFD_CLOEXEC);
	const size_t size = 16 << 20;
	uint8_t *bytes, *reserved;
	unsigned count = 0;

	open_image(path);
	if (fd < 0 || ftruncate(fd, (off_t)size))
		exit(3);
	bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED || pread(image_fd, bytes, image_size, 0) < 0)
		exit(3);
	/* No two in a row may become one: each begins at the file's first byte. */
	reserved = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	munmap(reserved, size);
	while (mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) != MAP_FAILED)
		count++;
	munmap(bytes, size); /* the kernel may want a mapping more */
	ready();
	fprintf(stderr, "%u mappings\n", count);
	rest();
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void *print_number(void *data)
{
	printf("%ld\n", syscall(SYS_gettid));
	ready();
	rest();
	return NULL;
}

int main(int argc, char **argv, char **environment)
{
	const char *mode = argc > 1 ? argv[1] : "", *argument = argc > 2 ? argv[2] : "";

	if (!strcmp(mode, "storm"))
		storm(argument, environment);
	if (!strcmp(mode, "names"))
		names(argument);
	if (!strcmp(mode, "many"))
		many(argument);
	if (!strcmp(mode, "execs")) {
		if (!*argument)
			ready();
		execl("/proc/self/exe", argv[0], "execs", "again", NULL);
	}
	if (!strcmp(mode, "thread") || !strcmp(mode, "leaderless")) {
		begin(print_number, NULL);
		if (*mode == 'l')
			pthread_exit(NULL);
		rest();
	}
	if (!strcmp(mode, "zombie")) {
		const pid_t child = fork();

		if (!child)
			_exit(0);
		printf("%d\n", child);
		ready();
		rest();
	}
	return 2;
}
