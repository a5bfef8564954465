/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk watch - print the changes of a page */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <vdk/field.h>
#include <vdk/page.h>
#include <vdk/publish.h>
#include <vdk/record.h>

#include "base/cleanup.h"
#include "commands.h"
#include "duration.h"
#include "vdk.h"
#include "reader.h"
#include "show.h"

static const char help[] =
	"usage: vdk watch [--interval TIME] [--count N] [--json] NAME [RECORD[[N]][.FIELD[[I]]]]...\n\n"
	"Print the values of a published page now and whenever they changed: one line for each\n"
	"record, as `vdk publish --stdin` takes it. The page is looked at once in an interval; what\n"
	"changed several times in between is printed once, as it was last. Of a list each record\n"
	"has a line of its own.\n\n"
	"  --interval TIME   between two looks; 100ms\n"
	"  --count N         end after N lines\n"
	"  --json            a line is {\"RECORD\": {\"FIELD\": VALUE}}\n\n"
	"A page that is replaced by one with another layout is followed, and standard error says so.\n\n"
	"exit status: 0 N lines printed, 2 usage or no such record or field, 3 the publication went\n"
	"away or failed, 77 not permitted or not to be trusted.\n";

struct watch {
	const char *name;
	char **wanted; /* names of records and fields; none: every record */
	int wanted_count;
	bool json;
	uint64_t interval;
	unsigned long left; /* lines to print; 0: no limit */

	struct vdk_page *page;
	dev_t dev;
	ino_t ino;
	struct vdk_field_ref *refs;
	uint64_t *seen; /* sequence of each ref's record at the last line */
	uint32_t count;
};

static int complain(const struct vdk_report *report, int error)
{
	tool_complain("watch", report);
	return error == -EINVAL || error == -ERANGE ? EXIT_USAGE : tool_exit_code(error);
}

static int no_memory(void)
{
	tool_error("watch", "out of memory");
	return EXIT_SYSTEM;
}

/* A whole list is each of its records. */
static int add(struct watch *watch, const struct vdk_field_ref *ref)
{
	const bool list = ref->slot == VDK_FIELD_ALL;
	const uint32_t more = list ? ref->record->list : 1;
	struct vdk_field_ref *refs =
		reallocarray(watch->refs, (size_t)watch->count + more, sizeof(refs[0]));
	uint64_t *seen;

	if (!refs)
		return no_memory();
	watch->refs = refs;
	seen = reallocarray(watch->seen, (size_t)watch->count + more, sizeof(seen[0]));
	if (!seen)
		return no_memory();
	watch->seen = seen;
	for (uint32_t i = 0; i < more; i++) {
		refs[watch->count] = *ref;
		refs[watch->count].slot = list ? i : ref->slot;
		seen[watch->count++] = 0;
	}
	return EXIT_FINE;
}

static int resolve(struct watch *watch)
{
	const struct vdk_layout *layout = vdk_page_layout(watch->page);
	struct vdk_report report;
	int code = EXIT_FINE;

	for (uint32_t i = 0; !watch->wanted_count && i < layout->record_count && !code; i++)
		code = add(watch, &(const struct vdk_field_ref){
		                          .record = &layout->records[i],
		                          .index = VDK_FIELD_ALL,
		                          .slot = layout->records[i].list ? VDK_FIELD_ALL : 0});
	for (int i = 0; i < watch->wanted_count && !code; i++) {
		struct vdk_field_ref ref;

		if (vdk_field_find(layout, watch->wanted[i], strlen(watch->wanted[i]), &ref,
		                   &report) < 0) {
			tool_complain("watch", &report);
			return EXIT_USAGE;
		}
		code = add(watch, &ref);
	}
	return code;
}

static void forget(struct watch *watch)
{
	watch->page = vdk_page_close(watch->page);
	free(watch->refs);
	free(watch->seen);
	watch->refs = NULL;
	watch->seen = NULL;
	watch->count = 0;
}

/* Open what the name means now, unless that is the page which is open already. */
static int follow(struct watch *watch)
{
	struct vdk_publication publication = VDK_PUBLICATION_CLOSED;
	struct vdk_report report = {.text = "out of memory"};
	struct stat stat;
	int code = EXIT_FINE, error = vdk_publication_open(watch->name, &publication, &report);

	if (!error && publication.page_fd < 0)
		error = vdk_report_set(&report, -ENODATA, watch->name, "the image has no records");
	if (!error && fstat(publication.page_fd, &stat) < 0)
		error = vdk_report_set(&report, -errno, watch->name, "%s", strerror(errno));
	if (error) {
		code = complain(&report, error);
	} else if (!watch->page || stat.st_dev != watch->dev || stat.st_ino != watch->ino) {
		if (watch->page)
			tool_error("watch", "%s: was replaced by another page", watch->name);
		forget(watch);
		watch->dev = stat.st_dev;
		watch->ino = stat.st_ino;
		error = vdk_page_open(publication.page_fd, 0, watch->name, &watch->page, &report);
		code = error ? complain(&report, error) : resolve(watch);
	}
	vdk_publication_close(&publication);
	return code;
}

static void print(const struct watch *watch, const struct vdk_field_ref *ref, const void *value)
{
	struct json_object *object;
	char name[SHOW_NAME];

	if (!watch->json) {
		show_text(stdout, ref, value, " ", "\n");
		return;
	}
	object = json_object_new_object();
	show_name(ref, name);
	json_object_object_add(object, name, show_json(ref, value));
	show_print_json(stdout, object, false);
	json_object_put(object);
}

/* Return EXIT_FINE to go on, -1 when all lines are printed, or an exit code. */
static int look(struct watch *watch)
{
	_Alignas(VDK_CACHE_LINE) uint8_t value[VDK_RECORD_MAX];

	for (uint32_t i = 0; i < watch->count; i++) {
		uint64_t sequence;
		const int error =
			vdk_record_read_at(watch->page, watch->refs[i].record,
			                   watch->refs[i].slot, value, &sequence);

		if (error == -ENODATA || error == -EAGAIN)
			continue;
		if (error) {
			tool_error("watch", "%s: %s", watch->name, strerror(-error));
			return tool_exit_code(error);
		}
		if (sequence == watch->seen[i])
			continue;
		watch->seen[i] = sequence;
		print(watch, &watch->refs[i], value);
		if (tool_finish("watch", EXIT_FINE))
			return EXIT_SYSTEM;
		if (watch->left && --watch->left == 0)
			return -1;
	}
	return EXIT_FINE;
}

static int run(struct watch *watch)
{
	const struct timespec pause = {.tv_sec = (time_t)(watch->interval / 1000000000),
	                               .tv_nsec = (long)(watch->interval % 1000000000)};
	int code;

	for (;;) {
		code = follow(watch);
		if (!code)
			code = look(watch);
		if (code)
			break;
		nanosleep(&pause, NULL);
	}
	forget(watch);
	return code < 0 ? EXIT_FINE : code;
}

static int parse_count(const char *text, unsigned long *ret_count)
{
	char *end;

	errno = 0;
	*ret_count = strtoul(text, &end, 10);
	return errno || *end || end == text || text[0] < '0' || text[0] > '9' || *ret_count == 0
	               ? -EINVAL
	               : 0;
}

int cmd_watch(int argc, char **argv)
{
	static const struct option options[] = {
		{"interval", required_argument, NULL, 'i'},
		{"count", required_argument, NULL, 'n'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct watch watch = {.interval = 100000000};
	int option;

	while ((option = getopt_long(argc, argv, "hn:", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(help, stdout);
			return EXIT_FINE;
		case 'j':
			watch.json = true;
			break;
		case 'i':
			if (!duration_option("watch", "interval", optarg, &watch.interval))
				return EXIT_USAGE;
			break;
		case 'n':
			if (parse_count(optarg, &watch.left) == 0)
				break;
			tool_error("watch", "--count: expected a number from 1 on, found %s",
			           optarg);
			return EXIT_USAGE;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind == argc) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	watch.name = argv[optind];
	watch.wanted = argv + optind + 1;
	watch.wanted_count = argc - optind - 1;
	return run(&watch);
}
