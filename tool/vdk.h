/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_H
#define VDK_TOOL_H

/*
 * What the commands share: exit codes, messages, and where the kit's files are. Messages are
 * printed here and nowhere else; the library only fills reports.
 */

#include <stdbool.h>
#include <stddef.h>

#include <vdk/report.h>

/* Exit codes of every command; vdk(1) documents them. */
enum {
	EXIT_FINE = 0,
	EXIT_FINDING = 1,       /* a check failed, or the verdict is "no" */
	EXIT_USAGE = 2,         /* wrong arguments */
	EXIT_SYSTEM = 3,        /* the system, a file or a page failed us */
	EXIT_IMPOSSIBLE = 77,   /* cannot be done here: kernel, permissions, kind of program */
	EXIT_CANNOT_EXEC = 126, /* `vdk run`: the program was found but could not be started */
	EXIT_NOT_FOUND = 127    /* `vdk run`: no such program */
};

/* One command: `vdk NAME`. main() gets the arguments from the command's own name on. */
struct command {
	const char *name;
	const char *summary;
	int (*main)(int argc, char **argv);
};

/* Print "vdk COMMAND: OBJECT: TEXT" on standard error, in one write. */
void tool_complain(const char *command, const struct vdk_report *report);

/* The same for a message without a report. */
void tool_error(const char *command, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* Make argv[0], a command's name, what getopt_long(3) begins its messages with: "vdk COMMAND". */
void tool_name_command(char **argv);

/* The exit code for a negative errno: EPERM, EACCES, ENOSYS, EOPNOTSUPP -> 77, EINVAL -> 2, else 3. */
int tool_exit_code(int error);

/*
 * The last act of a command that prints results. Return: @code; EXIT_SYSTEM, with a message, when
 * standard output did not take all of them: whoever reads them has no result then, and no verdict.
 */
int tool_finish(const char *command, int code);

/*
 * Find one of the kit's own files. In a build tree they lie beside the program, otherwise where
 * they were installed; the program's own path (/proc/self/exe) decides, never the environment.
 *
 * @kind: "bin" (the program vdk), "libexec" (programs), "sdk" (linker script, stubs), "include" (headers),
 *        "vdso" (ready images)
 * Return: 0 and an absolute path in @path; -ENAMETOOLONG, -ENOENT; -EOPNOTSUPP /proc is not mounted.
 */
int tool_find(const char *kind, const char *file, char *path, size_t size);

/* Why it was not found, for a message. */
const char *tool_find_problem(int error);

/*
 * Run `vdk-PROGRAM` of the kit's libexec folder in place of this process, with the command's name
 * as its argv[0]; returns only on failure.
 */
int tool_exec(const char *program, const char *command, int argc, char **argv);

#endif
