/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_COMMANDS_H
#define VDK_TOOL_COMMANDS_H

/* One function per command, each in tool/cmd-NAME.c. argv[0] is the command's own name. */

int cmd_auxv(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_build(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_entropy(int argc, char **argv);
int cmd_faketime(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_dump(int argc, char **argv);
int cmd_flags(int argc, char **argv);
int cmd_get(int argc, char **argv);
int cmd_ls(int argc, char **argv);
int cmd_maps(int argc, char **argv);
int cmd_perf_map(int argc, char **argv);
int cmd_publish(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_script(int argc, char **argv); /* `vdk flags --script` */
int cmd_set(int argc, char **argv);
int cmd_symbols(int argc, char **argv);
int cmd_unpublish(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_verify_attached(int argc, char **argv); /* by itself, under `vdk run` */
int cmd_vsyscall(int argc, char **argv);
int cmd_watch(int argc, char **argv);

#endif
