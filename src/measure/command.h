/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_MEASURE_COMMAND_H
#define VDK_MEASURE_COMMAND_H

/*
 * Time a whole command from before its spawn to after its end. posix_spawn(3) shares this process's
 * memory with the child until its exec, so this process's size does not matter. Its standard input
 * and output are /dev/null.
 *
 * Return: 0 and milliseconds; -ECHILD it ended with another status than 0, which is then in
 *         *ret_status; a negative errno: it could not be started.
 */
int measure_command(char *const *argv, double *ret_ms, int *ret_status);

#endif
