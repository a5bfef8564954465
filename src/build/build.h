/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BUILD_BUILD_H
#define VDK_BUILD_BUILD_H

/*
 * One build: what its steps share. Each step is a file of its own and finds everything that the
 * steps before it made in here; file names in the work folder are flat and fixed:
 *
 *     layout-N.o       page header N compiled with its records as variables
 *     source-N.o       the author's function sources
 *     image-map.lds    where page, process page and records lie
 *     image.map        version script of the image; stub.map that of the link stub
 *     note.S chain.o finish.o mem.o note.o    the kit's part of the image
 *     NAME.h stub.c    declarations and link stub
 *     update-N.o update.c    the update hooks, and one that calls them where they are several
 *     reference-N.o          the author's references for `vdk verify`
 *     image.so full.so stub.so update.so reference.so    what the linker made
 */

#include <vdk/image.h>

#include "exports.h"
#include "layout.h"
#include "list.h"
#include "toolchain.h"
#include "work.h"

#define BUILD_NAME_MAX 31 /* bytes; struct vdk_image_note::name has a NUL too */

struct build {
	const struct vdk_build_options *options;
	struct vdk_report *report;
	char name[BUILD_NAME_MAX + 1];

	struct list sources, objects, pages, updates, references; /* inputs as the author named them */
	struct list unit_objects;                     /* objects of the author's functions, ... */
	struct list unit_sources;                     /* ... and what messages call each */
	struct list layout_objects;

	struct toolchain tc;
	struct work work;
	struct layout layout;
	struct exports exports;
};

/* Sort the inputs into sources, objects, pages and update hooks, and find the vDSO's name. */
int build_inputs(struct build *build);

/* Compile page headers and read the layout out of them. */
int build_layout(struct build *build);

/* Compile or open the function sources, read their exports and hold them to the rules. */
int build_units(struct build *build);

/* Write image-map.lds, image.map, stub.map and note.S. */
int build_scripts(struct build *build);

/* Compile the kit's own part of the image. */
int build_kit_objects(struct build *build);

/* Write NAME.h and stub.c. */
int build_declarations(struct build *build);

/* Compile a file into WORK/object; @flags are added behind the usual ones. */
int build_compile(struct build *build, const char *source, const char *object,
                  const char *const *flags);

/*
 * Append flags that leave no path of this machine in the debug information of @source, so that
 * two machines make the same files.
 */
int build_prefix_maps(const struct build *build, const char *source, struct list *argv);

/*
 * Compile a file of a module, with ordinary flags and @define if there is one, into WORK/@object;
 * link WORK/@kind-N.o, @count of them, into WORK/@kind.so.
 */
int build_module_compile(struct build *build, const char *source, const char *object,
                         const char *define);
int build_module_link(struct build *build, const char *kind, size_t count);

/* Compile and link the update hooks into update.so. */
int build_update(struct build *build);

/* Compile the references, hold them against the exports, and link them into reference.so. */
int build_reference(struct build *build);

/*
 * Link image.so, padded to whole pages, the full one for @debug_file, the link stub, update hook
 * and references.
 */
int build_link(struct build *build);

/* Hold image.so to the rules of the checker. */
int build_check(struct build *build);

/* Release what a build holds; what it was given stays the caller's. */
void build_deinit(struct build *build);

/* Give the finished files their names. */
int build_place(struct build *build);

/* Fill the caller's folder with what an own link line needs. */
int build_place_scripts(struct build *build);

/* PATH of a work file in a buffer of PATH_MAX. Return: 0; -ENAMETOOLONG. */
int build_work_path(const struct build *build, const char *name, char *ret_path);

#endif
