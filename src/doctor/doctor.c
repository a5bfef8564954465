/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The examination: what is opened for it, its order, and the lists that it fills. */
#include "doctor/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "inspect/process.h"

/* ---- Lists ----------------------------------------------------------------------------------- */

struct doctor_finding *doctor_find(struct doctor *doctor, enum doctor_id id)
{
	const size_t room = sizeof(doctor->findings) / sizeof(doctor->findings[0]);
	/* A process with a great many attached pages: the last finding stands for the rest. */
	const size_t at = doctor->finding_count < room ? doctor->finding_count++ : room - 1;
	struct doctor_finding *finding = &doctor->findings[at];

	*finding = (struct doctor_finding){.id = id, .cost_ns = -1};
	return finding;
}

bool doctor_found(const struct doctor *doctor, enum doctor_id id)
{
	for (size_t i = 0; i < doctor->finding_count; i++)
		if (doctor->findings[i].id == id)
			return true;
	return false;
}

size_t doctor_findings(const struct doctor *doctor)
{
	size_t count = 0;

	for (size_t i = 0; i < doctor->finding_count; i++)
		count += !doctor_kinds[doctor->findings[i].id].note;
	return count;
}

/* Files are opened by paths below the root and told by absolute ones. */
static bool is_below(const char *where)
{
	return !strncmp(where, "proc/", 5);
}

void doctor_evidence(struct doctor_finding *finding, const char *where, const char *format, ...)
{
	struct doctor_evidence *evidence;
	va_list args;

	if (finding->evidence_count == DOCTOR_EVIDENCE_MAX)
		return;
	evidence = &finding->evidence[finding->evidence_count++];
	snprintf(evidence->where, sizeof(evidence->where), "%s%s", is_below(where) ? "/" : "", where);
	va_start(args, format);
	vsnprintf(evidence->what, sizeof(evidence->what), format, args);
	va_end(args);
}

void doctor_cost(struct doctor_finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->cost, sizeof(finding->cost), format, args);
	va_end(args);
}

void doctor_cost_of_fallback(const struct doctor *doctor, struct doctor_finding *finding)
{
	const struct doctor_measured *measured = &doctor->measured;

	if (measured->syscall < 0) {
		doctor_cost(finding, "not measured here");
		return;
	}
	finding->cost_ns = measured->syscall;
	if (measured->vdso < 0 || measured->vdso > 0.7 * measured->syscall) {
		doctor_cost(finding, "each look at the clock takes %.0f ns, as a system call does",
		            measured->syscall);
		return;
	}
	finding->cost_ns -= measured->vdso;
	doctor_cost(finding, "%.0f ns a call: the system call takes %.0f ns here, the vDSO's "
	                     "function %.0f ns", finding->cost_ns, measured->syscall,
	            measured->vdso);
}

static struct doctor_line *add_line(struct doctor_line *lines, size_t *count, size_t room,
                                    const char *what)
{
	struct doctor_line *line = &lines[*count < room ? (*count)++ : room - 1];

	snprintf(line->what, sizeof(line->what), "%s%s", is_below(what) ? "/" : "", what);
	return line;
}

void doctor_unknown(struct doctor *doctor, const char *what, int error, const char *format, ...)
{
	struct doctor_line *line =
		add_line(doctor->unknowns, &doctor->unknown_count,
	                 sizeof(doctor->unknowns) / sizeof(doctor->unknowns[0]), what);
	const char *reason = error == -EBADMSG ? "it is no regular file"
	                     : error == -EFBIG ? "it is larger than such a file can be"
	                                       : strerror(-error);
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line->text, sizeof(line->text), format, args);
	va_end(args);
	if (error && length >= 0 && length < (int)sizeof(line->text))
		snprintf(line->text + length, sizeof(line->text) - (size_t)length, "%s%s",
		         length ? ": " : "", reason);
}

void doctor_fact(struct doctor *doctor, const char *what, const char *format, ...)
{
	struct doctor_line *line = add_line(doctor->facts, &doctor->fact_count,
	                                    sizeof(doctor->facts) / sizeof(doctor->facts[0]), what);
	va_list args;

	va_start(args, format);
	vsnprintf(line->text, sizeof(line->text), format, args);
	va_end(args);
}

void doctor_calls_add(struct doctor_calls *calls, const char *function, enum doctor_origin origin,
                      const char *from, uint64_t count)
{
	struct doctor_caller *caller = NULL;

	if (count == 0)
		return;
	for (size_t i = 0; i < calls->caller_count; i++) {
		struct doctor_caller *one = &calls->callers[i];

		if (!strcmp(one->function, function) && one->origin == origin &&
		    !strcmp(one->from, from)) {
			one->count += count;
			return;
		}
	}
	if (calls->caller_count < DOCTOR_CALLERS_MAX - 1) {
		caller = &calls->callers[calls->caller_count++];
	} else {
		caller = &calls->callers[DOCTOR_CALLERS_MAX - 1];
		if (calls->caller_count == DOCTOR_CALLERS_MAX) {
			caller->count += count;
			return;
		}
		calls->caller_count = DOCTOR_CALLERS_MAX;
		function = "others";
		from = "";
		origin = DOCTOR_BY_UNKNOWN;
	}
	*caller = (struct doctor_caller){.function = function, .origin = origin, .count = count};
	snprintf(caller->from, sizeof(caller->from), "%s", from);
}

/* ---- Opening --------------------------------------------------------------------------------- */

static void take_measured(struct doctor_measured *measured, const char *name, const char *value)
{
	const struct {
		const char *name;
		double *time;
	} times[] = {{"vdso", &measured->vdso}, {"coarse", &measured->coarse},
	             {"syscall", &measured->syscall}, {"vsyscall", &measured->vsyscall}};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (!strcmp(name, times[i].name))
			*times[i].time = strtod(value, NULL);
	if (!strcmp(name, "raw_call"))
		measured->raw_call = atoi(value);
	else if (!strcmp(name, "ptrace"))
		measured->ptrace = atoi(value);
	else if (!strcmp(name, "tsc_denied"))
		measured->tsc_denied = atoi(value) != 0;
	else if (!strcmp(name, "now"))
		measured->now = strtoull(value, NULL, 10);
}

/* A fake tells what was measured on the machine that it stands for: lines "vdso 23.4". */
static int read_measured(struct doctor *doctor, struct vdk_report *report)
{
	char text[2048], name[32], value[32], *next = NULL;
	const int length = doctor_text(doctor, "measured", '?', text, sizeof(text));

	if (length == -ENOENT)
		return 0;
	if (length < 0)
		return vdk_report_set(report, -EBADMSG, "measured",
		                      "expected a small file of lines NAME VALUE");
	for (char *line = strtok_r(text, "\n", &next); line; line = strtok_r(NULL, "\n", &next))
		if (sscanf(line, "%31s %31s", name, value) == 2)
			take_measured(&doctor->measured, name, value);
	return 0;
}

static int open_process(struct doctor *doctor, struct vdk_report *report)
{
	const int pid = atoi(doctor->pid_name);
	char path[64];
	int fd;

	if (!doctor->fake)
		return vdk_process_open(pid, &doctor->process, report);
	fd = openat(doctor->root_fd, doctor_process_path(doctor, ".", path),
	            O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return vdk_report_set(report, -ESRCH, path, "%s", strerror(errno));
	return vdk_process_open_dir(fd, pid, &doctor->process, report);
}

int doctor_open(struct doctor *doctor, const char *root, const char *pid_name,
                struct vdk_report *report)
{
	int error;

	*doctor = (struct doctor){
		.fake = root != NULL,
		.own = !strcmp(pid_name, "self"),
		.measured = {.vdso = -1, .coarse = -1, .syscall = -1, .vsyscall = -1,
		             .raw_call = DOCTOR_NOT_TRIED, .ptrace = DOCTOR_NOT_TRIED},
	};
	snprintf(doctor->pid_name, sizeof(doctor->pid_name), "%s", pid_name);
	doctor->root_fd = open(root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (doctor->root_fd < 0) {
		error = -errno;
		return vdk_report_set(report, error, root ? root : "/", "%s", strerror(-error));
	}
	error = doctor->fake ? read_measured(doctor, report) : 0;
	if (!error)
		error = open_process(doctor, report);
	if (error)
		doctor_close(doctor);
	return error;
}

void doctor_close(struct doctor *doctor)
{
	vdk_closep(&doctor->root_fd);
	doctor->root_fd = -1;
	doctor->process = vdk_process_close(doctor->process);
	doctor->maps = vdk_maps_free(doctor->maps);
	doctor->symbols = vdk_symbols_free(doctor->symbols);
	free(doctor->image.bytes);
	doctor->image.bytes = NULL;
}

/* ---- Examining ------------------------------------------------------------------------------- */

static void load_process(struct doctor *doctor)
{
	struct vdk_report report = {0};
	char path[64];
	int error = vdk_process_maps(doctor->process, &doctor->maps, &report);

	if (error) {
		doctor_unknown(doctor, doctor_process_path(doctor, "maps", path), 0, "%s",
		               report.text);
		return;
	}
	error = vdk_auxv_read(doctor->process, doctor->maps, &doctor->auxv, &report);
	doctor->has_auxv = error == 0;
	if (error)
		doctor_unknown(doctor, doctor_process_path(doctor, "auxv", path), 0, "%s",
		               report.text);
	else if (doctor->auxv.own_error && doctor->auxv.own_error != -ENOENT)
		doctor_unknown(doctor, doctor_process_path(doctor, "mem", path),
		               doctor->auxv.own_error, "the program's own auxiliary vector");
}

void doctor_examine(struct doctor *doctor)
{
	load_process(doctor);
	doctor_see_clock(doctor);
	doctor_see_boot(doctor);
	doctor_see_machine(doctor);
	doctor_see_vdso(doctor);
	doctor_see_image(doctor);
	doctor_see_namespace(doctor);
	doctor_see_guards(doctor);
	doctor_see_program(doctor);
	doctor_see_preload(doctor);
	doctor_see_calls(doctor);
	doctor_see_attached(doctor);
}
