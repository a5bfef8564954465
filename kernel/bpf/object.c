/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vdk/update-bpf.h>

#include "base/cleanup.h"
#include "pagemap.h"
#include "publish/io.h"
#include "refusal.h"

/* Objects with all their debug information have some ten KiB. */
#define OBJECT_SIZE_MAX (16u << 20)
#define LINKS_MAX 64

struct object {
	struct bpf_object *bpf;
	struct bpf_link *links[LINKS_MAX];
	size_t link_count;
	char path[256];
};

/* What libbpf says while it works: shown when it fails, dropped when it does not. */
static struct {
	char *text;
	size_t size;
	FILE *file;
} said;

static int keep(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_DEBUG || !said.file)
		return 0;
	return vfprintf(said.file, format, args);
}

static void listen_to_libbpf(void)
{
	libbpf_set_print(keep);
	said.file = open_memstream(&said.text, &said.size);
}

/* Return: whether the kernel's verifier was among those who spoke. */
static bool stop_listening(bool show)
{
	bool verifier = false;

	if (!said.file)
		return false;
	fclose(said.file);
	said.file = NULL;
	if (said.text) {
		verifier = strstr(said.text, "BEGIN PROG LOAD LOG");
		if (show)
			fputs(said.text, stderr);
	}
	free(said.text);
	said.text = NULL;
	return verifier;
}

static int read_file(const char *path, void **ret_bytes, size_t *ret_size,
                     struct vdk_report *report)
{
	vdk_cleanup_close int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	vdk_cleanup_free void *bytes = NULL;
	struct stat stat;
	int error;

	if (fd < 0)
		return vdk_report_set(report, -errno, path, "%s", vdk_open_problem(-errno));
	error = vdk_trust(fd, S_IFREG, path, &stat, report);
	if (error)
		return error;
	if (stat.st_size <= 0 || stat.st_size > OBJECT_SIZE_MAX)
		return vdk_report_set(report, -ENOEXEC, path,
		                      "expected a BPF object of at most %u bytes, found %lld",
		                      OBJECT_SIZE_MAX, (long long)stat.st_size);
	bytes = malloc((size_t)stat.st_size);
	if (!bytes)
		return -ENOMEM;
	error = vdk_read_at(fd, bytes, (size_t)stat.st_size, 0);
	if (error)
		return vdk_report_set(report, error, path, "cannot read: %s", strerror(-error));
	*ret_bytes = bytes;
	*ret_size = (size_t)stat.st_size;
	bytes = NULL;
	return 0;
}

static int check_parts(const struct object *object, struct vdk_report *report)
{
	static const char *const maps[] = {VDK_BPF_MAP, VDK_BPF_PLACES, VDK_BPF_TERMS};

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		if (!bpf_object__find_map_by_name(object->bpf, maps[i]))
			return vdk_report_set(report, -ENOEXEC, object->path,
			                      "has no map %s: expected VDK_BPF_PAGE() and "
			                      "records, see vdk/update-bpf.h", maps[i]);
	if (!bpf_object__find_program_by_name(object->bpf, VDK_BPF_TAKE_OVER))
		return vdk_report_set(report, -ENOEXEC, object->path,
		                      "has no program " VDK_BPF_TAKE_OVER ": expected "
		                      "VDK_BPF_PAGE(), see vdk/update-bpf.h");
	return 0;
}

int object_open(const char *path, struct object **ret_object, struct vdk_report *report)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "vdk");
	vdk_cleanup_free void *bytes = NULL;
	struct object *object;
	size_t size = 0;
	int error = read_file(path, &bytes, &size, report);

	if (error)
		return error;
	object = calloc(1, sizeof(*object));
	if (!object)
		return -ENOMEM;
	snprintf(object->path, sizeof(object->path), "%s", path);
	listen_to_libbpf();
	object->bpf = bpf_object__open_mem(bytes, size, &options);
	if (!object->bpf)
		error = -errno;
	stop_listening(error != 0);
	if (error)
		vdk_report_set(report, -ENOEXEC, path, "not a BPF object with BTF (clang -target "
		               "bpf -g): %s", strerror(-error));
	else
		error = check_parts(object, report);
	if (error) {
		object_close(object);
		return -ENOEXEC;
	}
	*ret_object = object;
	return 0;
}

struct object *object_close(struct object *object)
{
	if (!object)
		return NULL;
	for (size_t i = 0; i < object->link_count; i++)
		bpf_link__destroy(object->links[i]);
	bpf_object__close(object->bpf);
	free(object);
	return NULL;
}

/* One record of the object's, held against the image's. */
static int fill_place(const struct object *object, const struct vdk_layout *layout,
                      struct vdk_bpf_place *place, struct vdk_report *report)
{
	const struct vdk_layout_record *record;

	if (place->magic != VDK_BPF_MAGIC || !memchr(place->tag, 0, sizeof(place->tag)))
		return vdk_report_set(report, -EINVAL, object->path,
		                      "section " VDK_BPF_PLACES " holds something else than "
		                      "records");
	record = vdk_layout_record(layout, place->tag);
	if (!record)
		return vdk_report_set(report, -EINVAL, object->path,
		                      "record %s: the image has none of that name", place->tag);
	if (record->size != place->size || record->copy_offset != place->copy_offset ||
	    record->copy_stride != place->copy_stride)
		return vdk_report_set(report, -EINVAL, object->path,
		                      "record %s: expected %u bytes with copies at %u and %u more "
		                      "by the image, found %u with copies at %u and %u more; build "
		                      "program and image from the same page header", place->tag,
		                      record->size, record->copy_offset, record->copy_stride,
		                      place->size, place->copy_offset, place->copy_stride);
	place->offset = record->offset;
	place->guard = pagemap_guard(layout, (uint32_t)(record - layout->records));
	return 0;
}

static void *initial(const struct object *object, const char *name, size_t *ret_size)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object->bpf, name);

	return (void *)(uintptr_t)bpf_map__initial_value(map, ret_size);
}

static int complete(struct object *object, const struct vdk_layout *layout, int map_fd,
                    uint64_t limit, struct vdk_report *report)
{
	size_t size = 0, terms_size = 0;
	struct vdk_bpf_place *places = initial(object, VDK_BPF_PLACES, &size);
	struct vdk_bpf_terms *terms = initial(object, VDK_BPF_TERMS, &terms_size);
	struct bpf_map *page = bpf_object__find_map_by_name(object->bpf, VDK_BPF_MAP);
	int error = 0;

	if (!places || size == 0 || size % sizeof(*places) || !terms ||
	    terms_size != sizeof(*terms))
		return vdk_report_set(report, -EINVAL, object->path,
		                      "compiled with another vdk/update-bpf.h: expected places of "
		                      "%zu bytes and terms of %zu, found %zu and %zu",
		                      sizeof(*places), sizeof(*terms), size, terms_size);
	for (size_t i = 0; i < size / sizeof(*places) && !error; i++)
		error = fill_place(object, layout, &places[i], report);
	if (error)
		return error;
	terms->limit = limit;
	terms->size = pagemap_size(layout);
	error = bpf_map__reuse_fd(page, map_fd);
	return error ? vdk_report_set(report, error, object->path, "cannot use the page's map: %s",
	                              strerror(-error))
	             : 0;
}

/* libbpf hands on what the kernel said; the same numbers mean different things to whom we tell. */
static int load_problem(const struct object *object, int error, bool verifier,
                        struct vdk_report *report)
{
	if (error == -EPERM || error == -ENOSYS)
		return refusal_explain("load a BPF program", error, report);
	if (error == -ESRCH || error == -ENOENT || error == -EOPNOTSUPP || error == -524)
		return vdk_report_set(report, -EOPNOTSUPP, object->path,
		                      "this kernel lacks what the program is attached to or "
		                      "reads: %s%s",
		                      strerror(error == -524 ? EOPNOTSUPP : -error),
		                      access("/sys/kernel/btf/vmlinux", R_OK)
		                              ? "; it has no BTF (CONFIG_DEBUG_INFO_BTF)"
		                              : "");
	if (verifier)
		return vdk_report_set(report, -ENOEXEC, object->path,
		                      "the kernel's verifier refuses the program: %s; its log is "
		                      "above", strerror(-error));
	return vdk_report_set(report, error, object->path, "cannot load: %s", strerror(-error));
}

int object_load(struct object *object, const struct vdk_layout *layout, int map_fd, uint64_t limit,
                struct vdk_report *report)
{
	int error = complete(object, layout, map_fd, limit, report);
	bool verifier;

	if (error)
		return error;
	listen_to_libbpf();
	error = bpf_object__load(object->bpf);
	verifier = stop_listening(error != 0);
	return error ? load_problem(object, error, verifier, report) : 0;
}

int object_take_over(struct object *object, struct vdk_report *report)
{
	struct vdk_bpf_taker taker = {.pid = (uint64_t)getpid(), .uid = geteuid()};
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &taker, .ctx_size_in = sizeof(taker));
	const struct bpf_program *program =
		bpf_object__find_program_by_name(object->bpf, VDK_BPF_TAKE_OVER);
	int error = bpf_prog_test_run_opts(bpf_program__fd(program), &options);

	if (!error)
		error = (int)options.retval;
	return error ? vdk_report_set(report, error, object->path,
	                              "cannot take the page over: " VDK_BPF_TAKE_OVER ": %s",
	                              strerror(-error))
	             : 0;
}

/*
 * A timer for a record with one writer: a software clock of one CPU, which ticks while that CPU
 * idles as well.
 */
static struct bpf_link *attach_clock(const struct bpf_program *program, uint64_t period)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = period,
	};
	struct bpf_link *link;
	/* The first CPU can rarely be taken offline. */
	const int fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		return NULL;
	link = bpf_program__attach_perf_event(program, fd);
	if (!link) {
		const int saved = errno;

		close(fd);
		errno = saved;
	}
	return link;
}

static int attach_one(struct object *object, const struct bpf_program *program, uint64_t period,
                      struct vdk_report *report)
{
	const char *section = bpf_program__section_name(program);
	struct bpf_link *link;
	int error;

	if (object->link_count == LINKS_MAX)
		return vdk_report_set(report, -EINVAL, object->path,
		                      "expected at most %d programs", LINKS_MAX);
	listen_to_libbpf();
	link = bpf_program__type(program) == BPF_PROG_TYPE_PERF_EVENT
	               ? attach_clock(program, period)
	               : bpf_program__attach(program);
	error = link ? 0 : -errno;
	stop_listening(error != 0);
	if (error == -EPERM || error == -EACCES)
		return refusal_explain("attach a BPF program", error, report);
	if (error)
		return vdk_report_set(report, -EOPNOTSUPP, object->path,
		                      "program %s: cannot be attached to %s here: %s",
		                      bpf_program__name(program), section, strerror(-error));
	object->links[object->link_count++] = link;
	return 0;
}

/* Programs that are called by name, not by an event. */
static bool is_called(const struct bpf_program *program)
{
	return bpf_program__type(program) == BPF_PROG_TYPE_SYSCALL;
}

int object_attach(struct object *object, uint64_t period, struct vdk_report *report)
{
	struct bpf_program *program;
	int error = 0;

	bpf_object__for_each_program(program, object->bpf)
		if (!error && !is_called(program))
			error = attach_one(object, program, period, report);
	if (!error && object->link_count == 0)
		return vdk_report_set(report, -EINVAL, object->path,
		                      "has no program that is attached to anything");
	return error;
}

void object_print_programs(const struct object *object, FILE *out)
{
	struct bpf_program *program;
	const char *separator = "";

	bpf_object__for_each_program(program, object->bpf)
		if (!is_called(program)) {
			fprintf(out, "%s%s (%s)", separator, bpf_program__name(program),
			        bpf_program__section_name(program));
			separator = ", ";
		}
}
