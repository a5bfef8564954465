/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An image that an argument names: of a process by its number, or a file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "look-image.h"
#include "vdk.h"

const char *look_symbol_type(uint8_t type)
{
	static const char *const names[] = {"NOTYPE", "OBJECT", "FUNC", "SECTION", "FILE", "COMMON",
	                                    "TLS"};

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : type == 10 ? "IFUNC" : "OTHER";
}

const char *look_symbol_binding(uint8_t binding)
{
	static const char *const names[] = {"LOCAL", "GLOBAL", "WEAK"};

	return binding < 3 ? names[binding] : binding == 10 ? "UNIQUE" : "OTHER";
}

static int load_process(const char *command, const char *argument, bool kernel,
                        struct vdk_bytes *ret_image)
{
	struct vdk_report report = {0};
	struct vdk_process *process;
	int code = look_open(command, argument, &process), error;

	if (code)
		return code;
	look_watch(command);
	error = vdk_process_image(process, kernel, ret_image, &report);
	look_watch_end();
	vdk_process_close(process);
	if (error)
		tool_complain(command, &report);
	return error == -ENOENT ? EXIT_FINDING : tool_exit_code(error);
}

int look_image(const char *command, const char *argument, bool kernel, struct vdk_bytes *ret_image)
{
	struct vdk_report report = {0};
	pid_t pid;
	int error;

	if (!argument || look_parse_pid(argument, &pid))
		return load_process(command, argument, kernel, ret_image);
	if (kernel) {
		tool_error(command, "--kernel means a process's image, found the file %s", argument);
		return EXIT_USAGE;
	}
	error = vdk_file_image(argument, ret_image, &report);
	if (error)
		tool_complain(command, &report);
	return tool_exit_code(error);
}

int look_symbols(const char *command, const char *argument, bool kernel,
                 struct vdk_bytes *ret_image, struct vdk_symbols **ret_symbols)
{
	struct vdk_report report = {0};
	char object[300];
	int code = look_image(command, argument, kernel, ret_image), error;

	if (code)
		return code;
	snprintf(object, sizeof(object), "%s", argument ? argument : "this process");
	error = vdk_symbols_parse(ret_image->bytes, ret_image->size, object, ret_symbols, &report);
	if (!error)
		return EXIT_FINE;
	tool_complain(command, &report);
	free(ret_image->bytes);
	ret_image->bytes = NULL;
	return EXIT_SYSTEM;
}
