/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench-curves.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <json-c/json.h>

#include <vdk/page.h>
#include <vdk/publish.h>
#include <vdk/record.h>

#include "base/cleanup.h"
#include "measure/command.h"
#include "vdk.h"

#define OUTPUT_MAX ((size_t)1 << 20)
#define WARM_UP 2

struct curves {
	const struct bench_effort *effort;
	struct json_object *array;
	char folder[PATH_MAX - 64]; /* everything is in it; removed at the end */
	char vdk[PATH_MAX], own[PATH_MAX];
};

/* ---- Sources and images ---------------------------------------------------------------------- */

static FILE *create(const struct curves *curves, const char *name, const char *suffix)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", curves->folder, name);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/%s/%s%s", curves->folder, name, name, suffix);
	return fopen(path, "we");
}

/* Every record is alike, so that one function reads any of them. */
static bool write_curve_source(const struct curves *curves)
{
	FILE *page = create(curves, BENCH_CURVE_NAME, ".page.h");
	FILE *functions = create(curves, BENCH_CURVE_NAME, ".vdso.c");
	bool good = page && functions;

	if (good) {
		fputs("#include <vdk/record.h>\n", page);
		for (int i = 0; i < BENCH_CURVE_RECORDS; i++)
			fprintf(page, "struct r%d { uint64_t value[3]; };\nVDK_RECORD(r%d);\n", i, i);
		fprintf(functions,
		        "#include <vdk/vdso.h>\n#include \"" BENCH_CURVE_NAME ".page.h\"\n"
		        "#define vdk_record_chosen (*slot)\n#define vdk_slot_chosen vdk_slot_r0\n"
		        "VDK_FUNCTION(int, curve_read, (uint64_t at))\n{\n"
		        "\tconst struct vdk_slot_r0 *const slot = &vdk_record_r0 + at %% %du;\n"
		        "\tstruct r0 now;\n"
		        "\tconst int error = vdk_read(chosen, &now);\n\n"
		        "\treturn error ? error : (int)(now.value[0] & 0xffff);\n}\n",
		        BENCH_CURVE_RECORDS);
	}
	/* Both are closed whatever happens. */
	good &= !page || !fclose(page);
	good &= !functions || !fclose(functions);
	return good;
}

static bool write_sized_source(const struct curves *curves, const char *name, unsigned int bytes)
{
	FILE *file = create(curves, name, ".vdso.c");

	if (!file)
		return false;
	fprintf(file, "#include <vdk/vdso.h>\nstatic const unsigned char pad[%u] = {1};\n"
	        "VDK_FUNCTION(int, pad_byte, (unsigned at))\n{\n\treturn pad[at %% sizeof(pad)];\n}\n",
	        bytes);
	return !fclose(file);
}

/* Return: 0 and the image's path; -ECHILD `vdk build` failed, and has said why. */
static int build(const struct curves *curves, const char *name, char image[PATH_MAX])
{
	char folder[PATH_MAX];
	char *const command[] = {(char *)curves->vdk, (char *)"build", folder, (char *)"-o", image,
	                         NULL};
	double ms;
	int status;

	snprintf(folder, sizeof(folder), "%s/%s", curves->folder, name);
	snprintf(image, PATH_MAX, "%s/%s.so", curves->folder, name);
	return measure_command(command, &ms, &status);
}

static int publish(const char *image, struct vdk_report *report)
{
	const struct vdk_publish_options options = {.image_path = image, .no_update = true};
	const uint8_t value[VDK_CACHE_LINE] = {1};
	struct vdk_publisher *publisher;
	const struct vdk_layout *layout;
	int error = vdk_publisher_open(BENCH_CURVE_NAME, &options, &publisher, report);

	if (error)
		return error;
	layout = vdk_page_layout(vdk_publisher_page(publisher));
	for (uint32_t i = 0; i < layout->record_count && !error; i++)
		error = vdk_record_write(vdk_publisher_page(publisher), &layout->records[i], value);
	vdk_publisher_close(publisher);
	return error ? vdk_report_set(report, error, BENCH_CURVE_NAME, "cannot write: %s",
	                              strerror(-error))
	             : 0;
}

/* ---- Reading: this program again, attached --------------------------------------------------- */

static char *read_all(int fd)
{
	char *text = malloc(OUTPUT_MAX + 1);
	size_t size = 0;

	while (text && size < OUTPUT_MAX) {
		const ssize_t got = read(fd, text + size, OUTPUT_MAX - size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		size += (size_t)got;
	}
	if (text)
		text[size] = '\0';
	return text;
}

/* Return: what it printed, for free(3); NULL: it failed, and has said why. */
static char *output_of(char *const *command)
{
	posix_spawn_file_actions_t actions;
	vdk_cleanup_close int from = -1;
	int pipes[2], status = 1;
	char *text = NULL;
	pid_t pid = -1;

	if (pipe2(pipes, O_CLOEXEC))
		return NULL;
	from = pipes[0];
	if (posix_spawn_file_actions_init(&actions)) {
		close(pipes[1]);
		return NULL;
	}
	posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
	if (posix_spawn(&pid, command[0], &actions, NULL, command, environ))
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[1]);
	if (pid < 0)
		return NULL;
	text = read_all(from);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status) {
		free(text);
		return NULL;
	}
	return text;
}

static void add_failed(struct curves *curves, const char *name, const char *title, const char *why)
{
	char note[500];

	snprintf(note, sizeof(note), "Not measured: %.400s", why);
	json_object_array_add(curves->array, bench_curve(name, title, "", "", false, note));
}

static void measure_reads(struct curves *curves)
{
	char image[PATH_MAX], cpu[16];
	struct vdk_report report = {0};
	vdk_cleanup_free char *text = NULL;
	struct json_object *found;
	char *command[] = {curves->vdk, (char *)"run", (char *)"--once", (char *)"--vdso",
	                   (char *)BENCH_CURVE_NAME, (char *)"--", curves->own,
	                   (char *)"--curves-read", NULL, NULL, NULL, NULL};
	int at = 8;

	if (curves->effort->cpu >= 0) {
		snprintf(cpu, sizeof(cpu), "%d", curves->effort->cpu);
		command[at++] = (char *)"--cpu";
		command[at++] = cpu;
	}
	if (curves->effort->quick)
		command[at++] = (char *)"--quick";
	if (!write_curve_source(curves) || build(curves, BENCH_CURVE_NAME, image)) {
		add_failed(curves, "reads", "A read", "its image cannot be built");
		return;
	}
	if (publish(image, &report)) {
		add_failed(curves, "reads", "A read", report.text);
		return;
	}
	text = output_of(command);
	found = text ? json_tokener_parse(text) : NULL;
	if (!json_object_is_type(found, json_type_array)) {
		json_object_put(found);
		add_failed(curves, "reads", "A read", "its image cannot be attached here");
		return;
	}
	for (size_t i = 0; i < json_object_array_length(found); i++)
		json_object_array_add(curves->array,
		                      json_object_get(json_object_array_get_idx(found, i)));
	json_object_put(found);
}

/* ---- Attaching ------------------------------------------------------------------------------- */

enum { SIZES = 4, ROUNDS = 60 };
static const unsigned int pads[SIZES] = {64, 60 << 10, 252 << 10, 1020 << 10};

/* One round: the program plainly, then attached to each image. */
static int attach_round(const struct curves *curves, char images[][PATH_MAX], double *ret_ms)
{
	char *const plain[] = {(char *)"/bin/true", NULL};
	double before, ms;
	int status, error = 0;

	for (int i = 0; i < SIZES; i++) {
		char *const command[] = {(char *)curves->vdk, (char *)"run", (char *)"--once",
		                         (char *)"--vdso", images[i], (char *)"--",
		                         (char *)"/bin/true", NULL};

		error = measure_command(plain, &before, &status);
		if (!error)
			error = measure_command(command, &ms, &status);
		if (error)
			break;
		/* A machine that was interrupted meanwhile may have been faster attached. */
		ret_ms[i] = ms > before ? ms - before : 0;
	}
	return error;
}

static void measure_attach(struct curves *curves)
{
	static const char title[] = "What vdk run --once adds to the start of a program";
	static char images[SIZES][PATH_MAX];
	static double values[SIZES][ROUNDS];
	const int rounds = curves->effort->quick ? ROUNDS / 10 : ROUNDS;
	struct json_object *curve;
	struct stat status;
	double ms[SIZES];
	int done = 0;

	for (int i = 0; i < SIZES; i++) {
		char name[16];

		snprintf(name, sizeof(name), "sized%d", i);
		if (!write_sized_source(curves, name, pads[i]) || build(curves, name, images[i])) {
			add_failed(curves, "image-size", title, "its images cannot be built");
			return;
		}
	}
	for (int round = -WARM_UP; round < rounds; round++) {
		if (attach_round(curves, images, ms))
			break;
		for (int i = 0; i < SIZES && round >= 0; i++)
			values[i][round] = ms[i];
		done += round >= 0;
		bench_progress("attaching", (double)(round + WARM_UP) / (rounds + WARM_UP));
	}
	if (!done) {
		add_failed(curves, "image-size", title, "an image cannot be attached here");
		return;
	}
	curve = bench_curve("image-size", title, "KiB of the image", "ms", true,
	                    "From fork to exit of /bin/true, less the same plainly. Mapping an image "
	                    "does not copy it.");
	for (int i = 0; i < SIZES; i++)
		if (!stat(images[i], &status))
			bench_curve_point(curve, (double)status.st_size / 1024, values[i],
			                  (unsigned int)done);
	json_object_array_add(curves->array, curve);
}

/* ---- The folder ------------------------------------------------------------------------------ */

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

static int prepare(struct curves *curves)
{
	const char *temporary = secure_getenv("TMPDIR");
	const ssize_t length = readlink("/proc/self/exe", curves->own, sizeof(curves->own) - 1);
	char runtime[PATH_MAX];
	int error = length < 0 ? -errno : tool_find("bin", "vdk", curves->vdk, sizeof(curves->vdk));

	if (error)
		return error;
	curves->own[length] = '\0';
	if (snprintf(curves->folder, sizeof(curves->folder), "%s/vdk-bench.XXXXXX",
	             temporary && *temporary ? temporary : "/tmp") >= (int)sizeof(curves->folder))
		return -ENAMETOOLONG;
	if (!mkdtemp(curves->folder))
		return -errno;
	snprintf(runtime, sizeof(runtime), "%s/runtime", curves->folder);
	/* Readable, so that nothing depends on who looks; nothing secret is in it. */
	if (chmod(curves->folder, 0755) || mkdir(runtime, 0755) ||
	    setenv("VDK_RUNTIME_DIR", runtime, 1))
		return -errno;
	return 0;
}

int bench_curves(const struct bench_effort *effort, struct json_object *document)
{
	struct curves curves = {.effort = effort, .array = json_object_new_array()};
	const int error = prepare(&curves);

	if (!error) {
		measure_reads(&curves);
		measure_attach(&curves);
	}
	bench_progress_end();
	if (*curves.folder)
		nftw(curves.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (error) {
		tool_error("bench", "cannot prepare the curves: %s", strerror(-error));
		json_object_put(curves.array);
		return EXIT_SYSTEM;
	}
	json_object_object_add(document, "curves", curves.array);
	return EXIT_FINE;
}
