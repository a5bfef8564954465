/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_FAKETIME_CONTROL_H
#define VDK_TOOL_FAKETIME_CONTROL_H

/* `vdk faketime --control` and `--list`: trees that run already. */

#include <stdbool.h>

#include <vdk/report.h>

#include "faketime/spec.h"

/* How a SPEC is to be understood. */
struct faketime_reading {
	const char *date_program; /* for free-form dates */
	bool advanced;            /* -f: no free-form dates, and a plain date stops the clock */
};

/*
 * A SPEC with its free-form date or its file looked up.
 * Return: 0; -EINVAL the SPEC is wrong; what stat(2) returns.
 */
int faketime_spec_read(const char *text, const struct faketime_reading *reading,
                       struct faketime_spec *ret_spec, struct vdk_report *report);

/* Return: an exit code; messages are printed. @words: the verb and what follows. */
int faketime_control(const char *id, char **words, const struct faketime_reading *reading,
                     bool json);
int faketime_list(bool json);

#endif
