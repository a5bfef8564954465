/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BAKE_CHANGES_H
#define VDK_BAKE_CHANGES_H

/* What differs between a tree as it is and as it is to be. */

#include <stddef.h>
#include <stdio.h>

#include "bake.h"

struct change {
	char *path;   /* from the tree's top */
	char *before; /* NULL: there is no such file */
	char *after;  /* NULL: there will not be */
};

struct changes {
	struct change *items; /* sorted by path */
	size_t count;
};

struct tree {
	int fd;
	const char *path;
};

/* Return: 0; -ENOTDIR and the like. */
int tree_open(const char *path, struct tree *ret_tree, struct vdk_report *report);

/* Add the vDSOs that are in the tree. */
int tree_recipe(const struct tree *tree, struct recipe *recipe, struct vdk_report *report);

/*
 * Find out what makes a tree with @before into one with @after.
 * Return: 0; -EILSEQ the tree is not as expected, and the report says where; -ENOMEM.
 */
int changes_find(const struct tree *tree, const struct recipe *before, const struct recipe *after,
                 const struct bake_kit *kit, struct changes *ret_changes,
                 struct vdk_report *report);

void changes_free(struct changes *changes);

/*
 * Make the changes: all files are written beside their places first and then renamed; when one
 * cannot be, those before it are put back.
 */
int changes_apply(const struct tree *tree, const struct changes *changes,
                  struct vdk_report *report);

/* Write them as a patch for `git apply` and `patch -p1`. Return: 0; -ENOMEM. */
int changes_print(const struct changes *changes, FILE *out);

/*
 * What stands before the patch: a kernel's commit message. @signoff: 'NAME <MAIL>' of who answers
 * for it, or NULL: a message without anybody's name.
 */
void describe(const struct recipe *before, const struct recipe *after, const char *signoff,
              FILE *out);

#define cleanup_changes __attribute__((cleanup(changes_free)))

#endif
