/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_ATTACH_START_H
#define VDK_ATTACH_START_H

/*
 * The start-up code and its parameters.
 *
 * Attaching needs a dozen system calls made by the new program itself: open, map, seal. Each one
 * driven from outside would cost two context switches, so instead a small piece of code is put
 * into the program at its exec stop, does everything by itself and disappears. The code and its
 * parameters go, in one write, over the first page of the *kernel's* vDSO: it is executable, it
 * exists in every program, nobody runs in it yet, and its pristine contents come back when the
 * private copy is dropped (MADV_DONTNEED). That last system call cannot be made from the page
 * that it drops; it is made by the attached image's vdk_attach_finish, which then starts the
 * program as if nothing had been. No tracer is needed for any of it: whenever the one that put the
 * code there is killed, the program still starts.
 *
 * Before the code is put there, the AT_SYSINFO_EHDR entry is hidden (AT_IGNORE), and the start-up
 * code shows it again with the image's address: a tracer that dies half-way leaves no program that
 * takes the code for a vDSO.
 */

#include <stdint.h>

#include <vdk/format.h>

#define VDK_START_PATH_MAX 256
#define VDK_START_TEXT_MAX 128

/* What the supervisor answers when the start-up code asks it for a descriptor; see start.c. */
#define VDK_START_ASK 0x76646b5f61736bu /* "vdk_ask": in place of execve's path */
enum { VDK_START_ASK_IMAGE = 0, VDK_START_ASK_PAGE = 1, VDK_START_ASK_STATE = 2 };
enum { VDK_START_ASK_TRACER = 16 }; /* no descriptor, but to be traced from now on */

enum {
	VDK_START_FATAL = 1, /* a failure ends the program: it must not run unattached */
	VDK_START_SEAL = 2,  /* mseal the three regions */
	/* Do not try the path: there is none, or it is too long to be handed over. */
	VDK_START_NO_IMAGE_PATH = 4,
	VDK_START_NO_PAGE_PATH = 8,
	VDK_START_TRACER = 16, /* ask for a tracer first: the program calls the vsyscall page */
	VDK_START_BARE = 32    /* attach nothing: the kernel's vDSO stays hidden */
};

/* Follows the code in the same page. Read-only to the start-up code. */
struct vdk_start {
	uint64_t entry;        /* where the program begins */
	uint64_t stack;        /* its stack pointer there */
	uint64_t auxv_entry;   /* address of the AT_SYSINFO_EHDR pair on its stack */
	uint64_t borrowed;     /* the kernel vDSO's page that holds this code */
	uint64_t page_size;    /* bytes; 0: the image has no page */
	uint64_t image_size;   /* bytes, a multiple of 4096 */
	uint64_t finish;       /* offset of vdk_attach_finish in the image */
	uint64_t image_dev, image_ino;
	uint64_t page_dev, page_ino;
	int32_t image_fd, page_fd, state_fd; /* already open in the program, or -1 */
	uint32_t flags;
	uint32_t exit_code; /* with VDK_START_FATAL */
	uint32_t state_size; /* bytes that the tree shares and may write; 0: none */
	/* chain[] holds addresses, or offsets in the image where the kernel has no such function */
	struct vdk_process_page process;
	uint8_t finish_code[64]; /* vdk_attach_finish once more, for starting without the image */
	char image_path[VDK_START_PATH_MAX];
	char page_path[VDK_START_PATH_MAX];
	/* What to say when it fails; the failing step's letter and four digits are filled in. */
	uint32_t text_size, text_step, text_error;
	char text[VDK_START_TEXT_MAX];
};

/* The code's section, position-independent; it is entered at vdk_start_main. */
extern const uint8_t __start_vdk_start_text[] __attribute__((visibility("hidden")));
extern const uint8_t __stop_vdk_start_text[] __attribute__((visibility("hidden")));
void vdk_start_main(const struct vdk_start *parameters) __attribute__((visibility("hidden")));

#endif
