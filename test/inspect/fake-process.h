/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TEST_INSPECT_FAKE_PROCESS_H
#define TEST_INSPECT_FAKE_PROCESS_H

/*
 * A process that is a folder: maps, auxv and mem are files, and whoever reads the memory by
 * pread(2) can be made to find it changed between two reads.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <sys/types.h>

#include "inspect/process.h"

/* What is mapped in the beginning: a stack with a vector in it, an image and a page. */
#define FAKE_STACK 0x10000
#define FAKE_VECTOR (FAKE_STACK + 0x800)
#define FAKE_IMAGE 0x40000
#define FAKE_PAGE 0x80000
#define FAKE_MAPS                                                                                  \
	"10000-20000 rw-p 0 00:00 0 [stack]\n"                                                     \
	"40000-41000 r-xp 0 00:00 0 [vdso]\n"                                                      \
	"80000-81000 rw-s 0 00:01 7 /memfd:page (deleted)\n"

extern char fake_folder[];
extern int fake_dir;
extern struct vdk_report fake_report;

/* Reads until fake_act() happens: 1: before the next one; 0: never; -1: before each. */
extern int fake_countdown;
extern void (*fake_act)(void);
/* So many reads end with EINTR first. */
extern int fake_interruptions;
/* As before Linux 5.6. */
extern bool fake_no_openat2;

/* Write a file of the folder: whole, or from an offset on. */
void fake_put(const char *name, const void *bytes, size_t size, off_t offset);
void fake_text(const char *name, const char *text);
void fake_cut(const char *name, off_t size);

/* The kernel's vector, and the program's own at an address, if that is not 0. */
void fake_auxv(uint64_t vdso, off_t own);

struct vdk_process *fake_open(void);

/* What vdk_process_image() returns; and that it fails so, with these words. */
int fake_image(bool kernel, struct vdk_bytes *ret);
void fake_refuses_image(int expected, const char *words);

int fake_setup(void **state);
int fake_teardown(void **state);

#define FAKE_TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

#endif
