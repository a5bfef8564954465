/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_IMAGE_H
#define VDK_IMAGE_H

/**
 * vdk/image.h - from an author's C to an image
 *
 * vdk_build() is what `vdk build` runs. It calls the author's compiler and linker (gcc or clang,
 * ld.bfd or lld) as programs; their messages go to standard error as they are, which is the one
 * exception to the rule that the library prints nothing. What it does, in order:
 *
 *   1. compile each page header once by itself, read the layout of the records out of the debug
 *      information, and give every record its place in the page;
 *   2. compile the functions; look into the objects for what no image may hold: writable data,
 *      addresses that somebody would have to relocate, calls into a libc that is not there,
 *      functions exported past VDK_FUNCTION();
 *   3. write the version script, the addresses of page and records, the note with the page's
 *      description, and a chain stub for each standard function that the author did not define;
 *   4. link, pad to whole pages of 4096 bytes, and check the result with every rule of
 *      vdk/check.h;
 *   5. give all files their names, the image last.
 *
 * Beside IMG = FOLDER/NAME.so stand afterwards
 *
 *     libNAME.so      link stub: the SONAME and versions of the image, but only the author's own
 *                     functions, so that a program linked with it keeps libc's clock_gettime
 *     NAME.h          C declarations of these functions and of the record structs they mention
 *     NAME.update.so  the update hook of `vdk publish`, when there is a NAME.update.c; several
 *                     become one that calls them in turn; without any, an older file is removed
 *
 * NAME is the vDSO's name, but for the hook, which always has the image's own, since that is where
 * `vdk publish` looks for it.
 *
 * An image that breaks a rule is not written, and neither is anything beside it. A build is
 * reproducible: the same source, compiler and linker give the same bytes in any folder.
 *
 * What it does not do: it runs no shell, reads no configuration, needs no network, and never
 * writes into the author's folder unless IMG lies there.
 */

#include <stddef.h>

#include <vdk/report.h>

/**
 * struct vdk_build_options - what to build, with what, to where
 *
 * Zero everything that keeps its default. Nothing is kept after vdk_build() has returned.
 * Arrays of strings end with NULL; a NULL array is empty.
 */
struct vdk_build_options {
	size_t size; /* sizeof(struct vdk_build_options), so that later versions may add to it */

	/*
	 * Folders (all *.vdso.c, *.page.h and *.update.c in each), .c files, .page.h files, or .o
	 * files that were compiled with the flags of vdk_build_cflags(). At least one.
	 */
	const char *const *inputs;
	const char *const *pages; /* further page headers, of any name */

	const char *output; /* IMG; required unless @script_dir is given */
	const char *name;   /* of the vDSO, at most 31 bytes; default: IMG's basename without .so */

	const char *cc;            /* compiler, may have arguments; default: $CC, or else "cc" */
	const char *ld;            /* "bfd" or "lld"; default: the compiler's own choice */
	const char *const *cflags; /* more flags for the compiler; those that keep the rules win */

	const char *include_dir; /* the folder that holds vdk/vdso.h; required */
	const char *sdk_dir;     /* the folder that holds image.lds; required */

	const char *debug_file; /* write all symbols and debug information here, same build-id */
	const char *keep_dir;   /* work here and leave all intermediate files; default: neither */
	const char *script_dir; /* stop after step 3 and put what the link line needs here */
};

/**
 * vdk_build() - make an image and what goes with it
 * @options: see above
 * @report:  on failure: the source or file that is at fault, and what is wrong; may be NULL
 *
 * With @script_dir nothing is linked: the folder then holds image.lds, image.map and the objects
 * of the kit for the author's own link line, see `vdk flags --help`.
 *
 * Return:   0. -EINVAL bad options, or a source that breaks a rule of images. -ECANCELED the
 *           compiler or the linker failed, and has said why. -EBADMSG the linked image breaks a
 *           rule of the checker; the report has the first finding. -ENOENT an input or a program
 *           is missing. -ENOEXEC an object file that is none. -ENOMEM. Otherwise what the system
 *           said about a file.
 * Threads:  may be called from any thread, also at the same time for different outputs.
 * Signals:  not async-signal-safe; the caller must not have SIGCHLD ignored. SIGHUP, SIGINT,
 *           SIGQUIT and SIGTERM are held back in the calling thread until the temporary files are
 *           removed; one that comes meanwhile ends the build with -ECANCELED.
 */
int vdk_build(const struct vdk_build_options *options, struct vdk_report *report);

/**
 * vdk_build_cflags() - print the compiler's flags for code inside of an image
 * @options: cc, cflags and include_dir are used
 * @ret_flags: one line, words separated by blanks, to be freed by the caller with free(3)
 *
 * Return: 0; -EINVAL a compiler for another system; -ENOENT no such compiler; -ENOMEM.
 */
int vdk_build_cflags(const struct vdk_build_options *options, char **ret_flags,
                     struct vdk_report *report);

/**
 * vdk_build_ldflags() - print the flags of an image's link line
 * @options: cc, ld and script_dir are used; script_dir is a folder that vdk_build() filled
 * @ret_flags: one line, to be freed by the caller with free(3)
 *
 * The line holds the flags, the scripts and the kit's objects; the author adds -o and objects.
 *
 * Return: as vdk_build_cflags(); -ENOENT also when the folder was not filled.
 */
int vdk_build_ldflags(const struct vdk_build_options *options, char **ret_flags,
                      struct vdk_report *report);

#endif
