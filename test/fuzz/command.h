/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TEST_FUZZ_COMMAND_H
#define TEST_FUZZ_COMMAND_H

/*
 * A command with any command line: its arguments, one to a line, and lines NAME=VALUE in front of
 * them for the variables that vdk looks at. A line with a semicolon alone ends a command line, and
 * the same command's next one follows. The file "/f" holds what follows a line that begins with
 * '%'.
 *
 * It runs as it is, up to the first thing that would be seen outside: starting a program, writing
 * or making a file, waiting, tracing, loading code. Those functions are wrapped (fuzz_wraps in
 * meson.build has their names) and leave the command by a long jump. What it still held then is
 * given back by left.c, as far as the kit's own code took it; leaks are not looked for here.
 */

#include "fuzz.h"

typedef int fuzz_main(int argc, char **argv);

/*
 * For targets that have more files than "/f": a descriptor of what has the name @path, the last part
 * alone where a command has the folder open, or -1 as for a file that is opened as it is. @file is
 * what "/f" holds. It may be opened for writing.
 */
extern int (*fuzz_open)(const char *path, struct fuzz_piece file);

/* For them: what VDK_RUNTIME_DIR is when the input does not say. */
extern const char *fuzz_runtime_dir;

void fuzz_command(fuzz_main *command, const char *name, struct fuzz_piece input);

#endif
