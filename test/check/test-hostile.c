/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hostile bytes: test-hostile IMAGE ROUNDS
 *
 * Takes the good image, every broken one and this machine's own vDSO, damages each at random -
 * single bits, whole words of interesting values, pieces moved, the end cut off - and checks the
 * result. Nothing is expected of the findings but that they are consistent; what counts is that
 * the check ends, soon, and that the sanitizers of the developer build have nothing to say. The
 * seed is fixed, so a crash can be had again; its number is printed first.
 */
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

#include <vdk/check.h>

#include "mutants.h"

static uint64_t state = 0x9e3779b97f4a7c15;

static uint64_t chance(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

/* Where tables are dense: the first two kilobytes, most of the time. */
static size_t place(const struct image *image, size_t width)
{
	const size_t end = image->size > width ? image->size - width : 1;

	return chance(4) && end > 2048 ? chance(2048) : chance(end);
}

static void damage(struct image *image)
{
	static const uint64_t values[] = { 0, 1, 0x7f, 0xff, 0xfff, 0x7fffffff, 0x80000000,
		                           0xffffffff, INT64_MAX, UINT64_MAX, 0x8000000000000000 };
	const uint64_t value = values[chance(sizeof(values) / sizeof(values[0]))];
	const size_t width = (size_t)1 << chance(4);

	if (image->size < 16)
		return;
	switch (chance(8)) {
	case 0:
		image->size = chance(image->size + 1);
		break;
	case 1:
		memmove(image->bytes + place(image, 64), image->bytes + place(image, 64),
		        image->size > 128 ? 64 : 1);
		break;
	case 2:
	case 3:
	case 4:
		memcpy(image->bytes + place(image, 8), &value, width);
		break;
	default:
		image->bytes[place(image, 1)] ^= (uint8_t)(1u << chance(8));
	}
}

static void check(const struct image *image, uint64_t seed)
{
	/* A tight copy: what reads past the end is seen by the address sanitizer. */
	uint8_t *tight = malloc(image->size ? image->size : 1);
	struct vdk_check_options options = { .size = sizeof(options) };
	struct vdk_check_result *result = NULL;
	struct vdk_report report;
	struct timespec start, end;

	must(tight);
	memcpy(tight, image->bytes, image->size);
	options.profile = seed % 3;
	clock_gettime(CLOCK_MONOTONIC, &start);
	if (vdk_check_memory(tight, image->size, &options, &result, &report) != 0) {
		printf("not ok - seed %#lx: %s\n", (unsigned long)seed, report.text);
		exit(1);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (end.tv_sec - start.tv_sec > 10) {
		printf("not ok - seed %#lx: took more than 10 seconds\n", (unsigned long)seed);
		exit(1);
	}
	/* In the kernel profile what is missing may be a mere note. */
	if (vdk_check_unlooked(result) && !vdk_check_count(result, VDK_CHECK_OFF)) {
		printf("not ok - seed %#lx: rules could not look, and nothing was found\n",
		       (unsigned long)seed);
		exit(1);
	}
	vdk_check_free(result);
	free(tight);
}

static unsigned long damaged;

static void attack(const struct image *image, unsigned rounds)
{
	struct image copy = { malloc(IMAGE_ROOM), 0 };

	must(copy.bytes);
	for (unsigned i = 0; i < rounds; i++) {
		const uint64_t seed = state;
		const unsigned blows = 1 + (unsigned)chance(6);

		copy.size = image->size;
		memcpy(copy.bytes, image->bytes, image->size);
		for (unsigned n = 0; n < blows; n++)
			damage(&copy);
		/* Survives a crash: the last line tells which one it was. */
		if (getenv("VDK_TEST_TELL"))
			dprintf(STDOUT_FILENO, "seed %#lx\n", (unsigned long)seed);
		check(&copy, seed);
		damaged++;
	}
	free(copy.bytes);
}

int main(int argc, char **argv)
{
	struct image good = { malloc(IMAGE_ROOM), 0 };
	const char *kernel = (const char *)getauxval(AT_SYSINFO_EHDR);
	unsigned rounds, images = 1;
	FILE *file;

	must(argc == 3 && good.bytes);
	file = fopen(argv[1], "rb");
	must(file);
	good.size = fread(good.bytes, 1, IMAGE_ROOM, file);
	fclose(file);
	rounds = (unsigned)atoi(argv[2]);
	attack(&good, rounds * 20);
	for (const struct mutant *mutant = mutants; mutant->rule; mutant++, images++) {
		struct image image = mutant_make(&good, mutant);

		attack(&image, rounds);
		free(image.bytes);
	}
	if (kernel) {
		const Elf64_Ehdr *header = (const void *)kernel;
		const size_t end = header->e_shoff + header->e_shnum * sizeof(Elf64_Shdr);
		const struct image image = { (uint8_t *)(uintptr_t)kernel,
			                     (end + 4095) / 4096 * 4096 };

		attack(&image, rounds * 20);
	}
	printf("figure images %u\nfigure damaged_copies %lu\n", images, damaged);
	free(good.bytes);
	return 0;
}
