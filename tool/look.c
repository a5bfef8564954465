/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "look.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vdk.h"

bool look_parse_pid(const char *text, pid_t *ret_pid)
{
	char *end;
	long pid;

	/* As in /proc: whoever looks. */
	if (!strcmp(text, "self")) {
		*ret_pid = getpid();
		return true;
	}
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	pid = strtol(text, &end, 10);
	if (errno || *end || pid <= 0 || pid > INT32_MAX)
		return false;
	*ret_pid = (pid_t)pid;
	return true;
}

int look_open(const char *command, const char *argument, struct vdk_process **ret_process)
{
	struct vdk_report report = {0};
	pid_t pid = 0;
	int error;

	if (argument && !look_parse_pid(argument, &pid)) {
		tool_error(command, "expected the number of a process, found \"%s\"", argument);
		return EXIT_USAGE;
	}
	error = vdk_process_open(pid, ret_process, &report);
	if (error)
		tool_complain(command, &report);
	return tool_exit_code(error);
}

char *look_size(uint64_t bytes, char *text, size_t size)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes;
	int unit = 0;

	for (; value >= 1024 && unit < 6; unit++)
		value /= 1024;
	snprintf(text, size, value == (double)(uint64_t)value ? "%.0f %s" : "%.1f %s", value,
	         units[unit]);
	return text;
}

struct json_object *look_address(uint64_t address)
{
	char text[20];

	snprintf(text, sizeof(text), "0x%" PRIx64, address);
	return json_object_new_string(text);
}
