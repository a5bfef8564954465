/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The examination from outside: what is opened for it, and the order of the families. */
#include "doctor/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "doctor/families.h"
#include "inspect/process.h"

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
