/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BAKE_BAKE_H
#define VDK_BAKE_BAKE_H

/*
 * From authors' folders to a changed kernel tree:
 *
 *     recipe     what is to be in the tree: folders, and what building them tells (recipe.c);
 *                held to what a kernel allows (inside.c, trial.c)
 *     expand     the text of edits and new files for a recipe (expand.c)
 *     edits      the same files with additions, or without them again (edits.c)
 *     changes    old and new text of every file that differs (changes.c), to be written into the
 *                tree (apply.c) or as a patch (patch.c)
 *
 * A tree that has vDSOs baked in holds their sources. That is the only memory of what was done:
 * the recipe is read from there again, and the result for a set of vDSOs is the same whatever the
 * order in which they came.
 */

#include "build/build.h"

/* Where everything that is new in the tree lies. */
#define BAKE_PLACE "arch/x86/entry/vdso/vdk"
#define BAKE_HEADERS "arch/x86/include/vdk"

/* The first free slot of the vvar page and its end. */
#define BAKE_VVAR_FIRST 640u
#define BAKE_VVAR_END 4096u

/* One vDSO. */
struct folder {
	char *name;        /* last part of the path; its folder below BAKE_PLACE */
	char *path;        /* the author's, or the one in the tree */
	struct list files; /* names of those that a kernel needs, sorted */
};

struct recipe {
	struct folder *folders; /* sorted by name */
	size_t count;
	struct build build; /* records and functions of all of them */
	struct vdk_build_options options;
	struct list inputs;
	struct list written; /* names of the records that an update hook writes */
};

/* The kit's own folders. */
struct bake_kit {
	const char *include_dir;
	const char *sdk_dir;
	const char *bake_dir; /* holds linux-6.1/ and trial/ */
};

/* Append a vDSO; one of the same name is replaced. Return: 0; -EINVAL not a name; -ENOMEM. */
int recipe_add(struct recipe *recipe, const char *name, const char *path,
               struct vdk_report *report);

/* Return: 0; -ENOENT there is none of that name. */
int recipe_remove(struct recipe *recipe, const char *name);

/*
 * Build what was added and lay the records out. @strict: hold it to what a kernel allows, too.
 * Return: 0; -EINVAL and what vdk_build() says of sources that cannot be baked.
 */
int recipe_finish(struct recipe *recipe, const struct bake_kit *kit, bool strict,
                  struct vdk_report *report);

void recipe_free(struct recipe *recipe);

/* The vvar page's offset of record @index, after recipe_finish(). */
uint32_t recipe_offset(const struct recipe *recipe, size_t index);

/*
 * Hold the sources' words to what there is inside of a kernel. The files that they include are
 * added to the folders' lists, and the records that hooks write are noted.
 */
int inside_check(struct recipe *recipe, struct vdk_report *report);

/* After the build: has every record a writer? In a kernel nobody else could write it. */
int inside_check_records(const struct recipe *recipe, struct vdk_report *report);

/* Compile the sources as a kernel would. */
int trial_check(struct recipe *recipe, const struct bake_kit *kit, struct vdk_report *report);

/* The text of a template for a recipe. Return: 0; -EINVAL a damaged template; -ENOMEM. */
int expand(const struct recipe *recipe, const char *name, const char *template, char **ret_text,
           struct vdk_report *report);

#define cleanup_recipe __attribute__((cleanup(recipe_free)))

#endif
