/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libFuzzer target: command lines of `vdk publish --bpf` (see command.h), and any bytes at all as
 * what libbpf and the kernel answer about the object "/f". libbpf is not here: how it reads an
 * object is its own matter. Behind some bytes that say what there is and what fails (struct
 * answers) come the bytes of the sections with terms and places.
 *
 * Nothing is published: in the place of the publisher, its half of the work is asked for as a
 * publisher asks.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <vdk/update-bpf.h>

#include "command.h"
#include "publish/prepare.h"
#include "sample.h"

int publish_bpf_main(int argc, char **argv); /* main() of vdk-publish-bpf.c */

struct answers {
	uint8_t missing; /* bits: the object, its maps and its program, in the order of names[] */
	uint8_t failing; /* which call fails, in the order of `enum call`; others: none */
	uint8_t error;   /* its errno */
	uint8_t programs; /* at most 2 * 64 */
	uint8_t kind;     /* of the programs */
	uint8_t image;    /* bits: a list, pages are there already */
	uint8_t terms;    /* bytes of that section */
	uint8_t verifier; /* what libbpf says meanwhile */
};

enum call { CREATE, FILL, FREEZE, PIN, REUSE, LOAD, RUN, ATTACH };

static const char *const names[] = {"", VDK_BPF_MAP, VDK_BPF_PLACES, VDK_BPF_TERMS,
                                    VDK_BPF_TAKE_OVER};

static struct answers answers;
static uint8_t *sections[2]; /* terms, places: the object's memory, which is changed */
static size_t sizes[2];
static libbpf_print_fn_t print;
static char program_name[] = "on_update", section[] = "fentry/update_vsyscall";

/* Handles are only handed back: addresses of anything. */
#define HANDLE(type, of) ((struct type *)(void *)(of))

static int fails(enum call call)
{
	if (answers.failing != call + 1u || !answers.error)
		return 0;
	errno = answers.error;
	return -answers.error;
}

__attribute__((format(printf, 2, 3))) static void say(enum libbpf_print_level level,
                                                      const char *format, ...)
{
	va_list more;

	va_start(more, format);
	if (print)
		print(level, format, more);
	va_end(more);
}

static bool missing(size_t which)
{
	return answers.missing & 1u << which;
}

/* ---- In libbpf's place ----------------------------------------------------------------------- */

libbpf_print_fn_t libbpf_set_print(libbpf_print_fn_t to)
{
	print = to;
	return NULL;
}

struct bpf_object *bpf_object__open_mem(const void *bytes, size_t size,
                                        const struct bpf_object_open_opts *options)
{
	(void)options;
	memset(&answers, 0, sizeof(answers));
	memcpy(&answers, bytes, size < sizeof(answers) ? size : sizeof(answers));
	size -= size < sizeof(answers) ? size : sizeof(answers);
	bytes = (const uint8_t *)bytes + sizeof(answers);
	sizes[0] = size < answers.terms ? size : answers.terms;
	sizes[1] = size - sizes[0];
	if (missing(0)) {
		say(LIBBPF_WARN, "libbpf: failed\n");
		errno = answers.error ? answers.error : EINVAL;
		return NULL;
	}
	for (size_t i = 0; i < 2; i++) {
		/* Given back by left.c when the command is left with its object open. */
		sections[i] = malloc(sizes[i] ? sizes[i] : 1);
		if (!sections[i])
			abort();
		if (sizes[i])
			memcpy(sections[i], (const uint8_t *)bytes + (i ? sizes[0] : 0), sizes[i]);
	}
	return HANDLE(bpf_object, &answers);
}

void bpf_object__close(struct bpf_object *object)
{
	if (object != HANDLE(bpf_object, &answers))
		return;
	for (size_t i = 0; i < 2; i++) {
		free(sections[i]);
		sections[i] = NULL;
	}
}

static void *find(const char *name)
{
	for (size_t i = 1; i < FUZZ_COUNT(names); i++)
		if (!strcmp(names[i], name))
			return missing(i) ? NULL : (void *)&names[i];
	abort();
}

struct bpf_map *bpf_object__find_map_by_name(const struct bpf_object *object, const char *name)
{
	(void)object;
	return find(name);
}

struct bpf_program *bpf_object__find_program_by_name(const struct bpf_object *object,
                                                     const char *name)
{
	(void)object;
	return find(name);
}

const void *bpf_map__initial_value(struct bpf_map *map, size_t *ret_size)
{
	const size_t which = map == HANDLE(bpf_map, &names[2]);

	*ret_size = sizes[which];
	return sizes[which] ? sections[which] : NULL;
}

int bpf_map__reuse_fd(struct bpf_map *map, int fd)
{
	(void)map;
	return fd < 0 ? -EBADF : fails(REUSE);
}

int bpf_object__load(struct bpf_object *object)
{
	(void)object;
	say(LIBBPF_DEBUG, "libbpf: loading\n");
	say(LIBBPF_WARN, answers.verifier ? "-- BEGIN PROG LOAD LOG --\n%u\n" : "%u\n",
	    answers.verifier);
	return fails(LOAD);
}

int bpf_prog_test_run_opts(int fd, struct bpf_test_run_opts *options)
{
	(void)fd;
	if (options->ctx_size_in != sizeof(struct vdk_bpf_taker))
		abort();
	options->retval = answers.verifier & 0x80 ? (uint32_t)-EPERM : 0;
	return fails(RUN);
}

int bpf_program__fd(const struct bpf_program *program)
{
	(void)program;
	return -1;
}

/* Programs are places in this array. */
static char programs[2 * 64 + 1];

struct bpf_program *bpf_object__next_program(const struct bpf_object *object,
                                             struct bpf_program *program)
{
	char *const next = program ? (char *)program + 1 : programs;

	(void)object;
	return next - programs < answers.programs % (int)sizeof(programs)
	               ? HANDLE(bpf_program, next)
	               : NULL;
}

enum bpf_prog_type bpf_program__type(const struct bpf_program *program)
{
	static const enum bpf_prog_type types[] = {BPF_PROG_TYPE_TRACING, BPF_PROG_TYPE_SYSCALL,
	                                           BPF_PROG_TYPE_PERF_EVENT};

	/* The first one is another one, so that there are two kinds. */
	return types[(answers.kind + ((char *)(uintptr_t)program == programs)) % 3];
}

const char *bpf_program__name(const struct bpf_program *program)
{
	(void)program;
	return program_name;
}

const char *bpf_program__section_name(const struct bpf_program *program)
{
	(void)program;
	return section;
}

struct bpf_link *bpf_program__attach(const struct bpf_program *program)
{
	(void)program;
	return fails(ATTACH) ? NULL : HANDLE(bpf_link, programs);
}

struct bpf_link *bpf_program__attach_perf_event(const struct bpf_program *program, int fd)
{
	(void)fd;
	return bpf_program__attach(program);
}

int bpf_link__destroy(struct bpf_link *link)
{
	return link == HANDLE(bpf_link, programs) ? 0 : (abort(), -1);
}

/* ---- In the place of bpf(2) ------------------------------------------------------------------ */

int bpf_map_create(enum bpf_map_type type, const char *name, uint32_t key, uint32_t value,
                   uint32_t count, const struct bpf_map_create_opts *options)
{
	(void)options;
	if (type != BPF_MAP_TYPE_ARRAY || key != 4 || !value || value % 4096 || count != 1 ||
	    strlen(name) >= BPF_OBJ_NAME_LEN)
		abort();
	return fails(CREATE) ? -1 : dup(STDIN_FILENO);
}

int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	(void)fd, (void)flags;
	if (*(const uint32_t *)key || memcmp(value, VDK_PAGE_MAGIC, 8) != 0)
		abort();
	return fails(FILL) ? -1 : 0;
}

int bpf_map_freeze(int fd)
{
	(void)fd;
	return fails(FREEZE) ? -1 : 0;
}

int bpf_obj_pin(int fd, const char *path)
{
	(void)fd, (void)path;
	return fails(PIN) ? -1 : 0;
}

/* ---- In the publisher's place ---------------------------------------------------------------- */

int __wrap_vdk_publisher_open_map(const char *name, const struct vdk_publish_options *options,
                                  const struct vdk_map_source *source,
                                  struct vdk_publisher **ret_publisher, struct vdk_report *report);
enum vdk_published __wrap_vdk_publisher_outcome(const struct vdk_publisher *publisher);
void __wrap_vdk_publisher_close(struct vdk_publisher *publisher);

/* What was accepted leads nowhere but into the map. */
static void hold(void)
{
	const struct vdk_bpf_place *places = (const void *)sections[1];
	struct vdk_bpf_terms terms;

	if (sizes[0] != sizeof(terms) || !sizes[1] || sizes[1] % sizeof(*places))
		abort();
	memcpy(&terms, sections[0], sizeof(terms));
	for (size_t i = 0; i < sizes[1] / sizeof(*places); i++) {
		struct vdk_bpf_place place;

		memcpy(&place, &places[i], sizeof(place));
		if ((uint64_t)place.offset + place.copy_offset + place.copy_stride + place.size >
		            terms.size ||
		    place.guard >= terms.size)
			abort();
	}
}

int __wrap_vdk_publisher_open_map(const char *name, const struct vdk_publish_options *options,
                                  const struct vdk_map_source *source,
                                  struct vdk_publisher **ret_publisher, struct vdk_report *report)
{
	static struct sample_table table;
	struct vdk_note note;
	int result;

	(void)name;
	sample_table(&table);
	if (answers.image & 1)
		table.records[SAMPLE_WIDE].list = 2;
	note = sample_note(&table);
	result = source->load(source->context, -1, answers.image & 4 ? NULL : "pin", &note,
	                      answers.image & 2 ? STDIN_FILENO : -1, options->only_owner, report);
	if (result < 0)
		return result;
	hold();
	*ret_publisher = HANDLE(vdk_publisher, programs);
	return 0;
}

enum vdk_published __wrap_vdk_publisher_outcome(const struct vdk_publisher *publisher)
{
	(void)publisher;
	return (enum vdk_published)(answers.image >> 3 & 3);
}

void __wrap_vdk_publisher_close(struct vdk_publisher *publisher)
{
	if (publisher != HANDLE(vdk_publisher, programs))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_command(publish_bpf_main, "publish", (struct fuzz_piece){data, size});
	return 0;
}
