/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_LOOK_H
#define VDK_TOOL_LOOK_H

/* What the commands that look into processes share. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <vdk/inspect.h>

struct json_object;

/* A process number in decimal digits. Return: false when it is none. */
bool look_parse_pid(const char *text, pid_t *ret_pid);

/*
 * Open the process that an argument names (NULL: this one) and say what is wrong otherwise.
 * Return: an exit code; 0 with *ret_process, which the caller closes.
 */
int look_open(const char *command, const char *argument, struct vdk_process **ret_process);

/* "4 KiB", "132 KiB", "1.5 GiB". Return @text. */
char *look_size(uint64_t bytes, char *text, size_t size);

/* An address as a JSON string: numbers of 64 bits do not survive most readers. */
struct json_object *look_address(uint64_t address);

/* The state and the records of a vdk page that a process has mapped. */
void look_page_print(FILE *out, const struct vdk_process *process, const struct vdk_map *map,
                     const char *indent);
struct json_object *look_page_json(const struct vdk_process *process, const struct vdk_map *map);

/*
 * The chains of a process page, by function: where each leads, and into which of the mappings. JSON:
 * NULL where it cannot be read.
 */
void look_process_page_print(FILE *out, const struct vdk_process *process,
                             const struct vdk_maps *maps, const struct vdk_map *map,
                             const char *indent);
struct json_object *look_process_page_json(const struct vdk_process *process,
                                           const struct vdk_maps *maps, const struct vdk_map *map);

/* Run a command in a child, so that it can be left behind when a read of it never ends. */
int look_apart(int (*command)(int argc, char **argv), int argc, char **argv);

/*
 * Between these two a process's memory is read; whoever makes us wait for it too long ends the
 * program with a message and EXIT_SYSTEM. Not nested.
 */
void look_watch(const char *command);
void look_watch_end(void);

/* Where lines of the picture go to, as addresses; 0: nowhere, or it cannot be told. */
struct look_leads {
	uint64_t entry; /* AT_SYSINFO_EHDR of the program's own auxiliary vector */
	uint64_t chain; /* what the process page of an attached image passes calls on to */
};

/* Ask a process. Its memory is read: between look_watch() and look_watch_end() only. */
void look_leads(const struct vdk_process *process, const struct vdk_maps *maps,
                struct look_leads *ret_leads);

/* The address space as a picture. Return: 0; a negative errno. */
int look_draw(const char *path, const struct vdk_maps *maps, const char *title,
              const struct look_leads *leads, struct vdk_report *report);

#endif
