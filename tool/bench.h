/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_BENCH_H
#define VDK_TOOL_BENCH_H

/*
 * The parts of `vdk bench`. What is measured becomes one JSON document, and everything that is
 * shown (table, comparison, page) is made of such a document after it was read and checked like
 * anybody's file (bench-document.h): there is one way from figures to people.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vdk/inspect.h>
#include <vdk/layout.h>
#include <vdk/lookup.h>

#include "measure/measure.h"

struct json_object;

#define BENCH_ARGUMENTS_MAX 6 /* that the CPU's convention passes in registers */

/* ---- Images (bench-images.c) ----------------------------------------------------------------- */

/* An image that this process has mapped and may call. */
struct bench_image {
	const char *name; /* "kernel" or "attached" */
	bool present;
	struct vdk_lookup_image lookup;
	struct vdk_bytes bytes;
	struct vdk_symbols *symbols;
	struct vdk_layout *layout; /* NULL: no records, or no image of the kit */
	char vdso[64];             /* the name in the kit's note; "" without one */
	char path[512];            /* of the file that is mapped; "" for the kernel's */
};

struct bench_images {
	struct bench_image kernel, attached;
};

/* Find both. Return: an exit code; messages are printed. Having none is no failure. */
int bench_images_open(struct bench_images *ret_images);
void bench_images_close(struct bench_images *images);

/* ---- Calls (bench-calls.c, bench-own.c) ------------------------------------------------------ */

/* The ways to do something, in the order in which they are shown. */
enum bench_way { BENCH_FLOOR, BENCH_KERNEL, BENCH_ATTACHED, BENCH_LIBC, BENCH_SYSCALL, BENCH_WAYS };

/* "floor", "kernel", "attached", "libc", "syscall"; and in words: "vDSO of the kernel" */
extern const char *const bench_way_names[BENCH_WAYS];
extern const char *const bench_way_words[BENCH_WAYS];

struct bench_call {
	char function[256]; /* "clock_gettime" */
	char call[320];     /* "clock_gettime(CLOCK_MONOTONIC)" */
	char base[360];     /* the subject that it is held against, see bench_subject_name() */
	char name[360];
	enum bench_way way;
	void (*run)(const struct subject *, uint32_t);
	void *address;
	int64_t argument;
	int64_t arguments[BENCH_ARGUMENTS_MAX];
	unsigned int argument_count;
	bool has_value;
	int64_t value; /* what the call returned at the trial */
};

/* What was not measured, and why. */
struct bench_skip {
	char function[256];
	const char *image;
	char why[320];
};

struct bench_list {
	struct bench_call *calls;
	unsigned int count;
	struct bench_skip *skips;
	unsigned int skip_count;
};

/* Which functions: names or patterns of fnmatch(3), or calls "NAME(1, &64)"; none: all. */
struct bench_choice {
	char *const *words;
	unsigned int count;
	const char *header; /* declares the author's functions; NULL: looked for beside the image */
};

/* Floors, standard functions three or four ways, the author's own. Return: an exit code. */
int bench_calls_collect(const struct bench_images *images, const struct bench_choice *choice,
                        struct bench_list *ret_list);
void bench_list_free(struct bench_list *list);

/* Both end with an exit code; EXIT_SYSTEM: no memory. @call and @skip are copied. */
int bench_list_add(struct bench_list *list, const struct bench_call *call);
int bench_list_skip(struct bench_list *list, const char *function, const char *image,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Is a function wanted? By name or pattern; calls with arguments count by their name. */
bool bench_chosen(const struct bench_choice *choice, const char *function);

/* The author's functions of an image. */
int bench_own_collect(const struct bench_image *image, const struct bench_choice *choice,
                      struct bench_list *list);

/*
 * Make a call some times in a child, so that one that crashes or never returns is found there.
 * Return: true with call->value; false with the reason in @why.
 */
bool bench_try(struct bench_call *call, char *why, size_t size);

/* Memory for a pointer argument: zeroes, with a guard behind. NULL: none. */
void *bench_buffer(size_t size);

/* ---- Prototypes (bench-prototype.c) ---------------------------------------------------------- */

/* One parameter of an author's function. */
struct bench_parameter {
	char text[128]; /* as declared */
	bool is_pointer;
	bool is_size;     /* size_t, which tells the size of what the pointer before it leads to */
	uint32_t size;    /* of what it points to; 0: not known */
};

struct bench_prototype {
	char text[320]; /* "(struct room *now)" */
	struct bench_parameter parameters[BENCH_ARGUMENTS_MAX];
	unsigned int count;
	char why[200]; /* not "": cannot be called without being told how */
};

/*
 * Find the declaration of a function in the text of a header and understand it.
 * @layout: of the image's page, whose records' sizes are known; or NULL
 * Return: false: it is not declared there.
 */
bool bench_prototype_find(const char *header, const char *function,
                          const struct vdk_layout *layout, struct bench_prototype *ret_prototype);

/*
 * The header of an image: the file that was named, NAME.h beside the image, or that of a ready
 * vDSO. Return: its text for free(3), NULL: none; *ret_code is not 0 when a named one cannot be read.
 */
char *bench_header_read(const struct bench_image *image, const char *named, int *ret_code);

/* ---- The rest -------------------------------------------------------------------------------- */

/* What figures depend on, without the machine's name (bench-machine.c). */
struct json_object *bench_machine(void);

/* How much to measure. */
struct bench_effort {
	unsigned int rounds;  /* batches of each call; four times as many single calls */
	double seconds;       /* for each of the two parts, at most */
	int cpu;              /* -1: the last one */
	bool quick;
};

/* Measure a list. Return: an exit code; the document "results", with machine, images and so on. */
int bench_measure(const struct bench_images *images, const struct bench_list *list,
                  const struct bench_effort *effort, struct json_object **ret_document);

/* Somebody's text as the document may have it: printable ASCII, cut to fit. NULL, "": null. */
struct json_object *bench_text_json(const char *text);

/* ---- Progress (bench-progress.c) ------------------------------------------------------------- */

/* On a terminal, after a second: "vdk bench: WHAT: 37 %". Elsewhere nothing. */
void bench_progress(const char *what, double share);
void bench_progress_end(void);

#endif
