/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

/*
 * What all targets share. A target is one function that gets any bytes at all; libFuzzer calls it
 * in a build with -Dfuzz=true, and replay.c in every other build, with the kept inputs. It must
 * leave nothing behind, neither memory nor descriptors, and abort() where a promise of the parser
 * is broken that no sanitizer sees.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A piece of an input. */
struct fuzz_piece {
	const uint8_t *data;
	size_t size;
};

/*
 * The next piece of an input that stands for several files: up to a line that begins with '%', or
 * the rest. The input moves on.
 */
static inline struct fuzz_piece fuzz_take(struct fuzz_piece *input)
{
	const uint8_t *end = input->size ? memmem(input->data, input->size, "\n%", 2) : NULL;
	struct fuzz_piece piece = {input->data, end ? (size_t)(end - input->data) : input->size};

	/* A file that ends with a newline is more common than one without. */
	if (end)
		piece.size++;
	input->data += piece.size + (end != NULL);
	input->size -= piece.size + (end != NULL);
	return piece;
}

/* The first byte of an input, 0 of an empty one. */
static inline uint8_t fuzz_byte(struct fuzz_piece *input)
{
	if (!input->size)
		return 0;
	input->size--;
	return *input->data++;
}

/* A copy that ends with a NUL, to be freed; NULs inside stay, so that it may seem shorter. */
static inline char *fuzz_text(struct fuzz_piece piece)
{
	char *text = malloc(piece.size + 1);

	if (!text)
		abort();
	if (piece.size)
		memcpy(text, piece.data, piece.size);
	text[piece.size] = '\0';
	return text;
}

/* fuzz.c: a file in memory with these bytes; its position is 0. Aborts where there is none. */
int fuzz_file(struct fuzz_piece piece);

/* fuzz.c: the path of an open file, in /proc/self/fd; until the next call. */
const char *fuzz_path(int fd);

/* fuzz.c: a new folder, in memory where that can be; it is removed at the end. */
const char *fuzz_folder(void);

/* fuzz.c: what commands print goes nowhere from now on; reports of sanitizers are still seen. */
void fuzz_quiet(void);

#endif
