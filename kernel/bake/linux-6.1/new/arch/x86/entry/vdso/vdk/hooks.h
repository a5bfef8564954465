/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VDK_HOOKS_H
#define VDK_HOOKS_H

/* The update hooks of the vDSOs that are baked in, under the names that the Makefile gives them. */

struct vdk_update;

%each hook
void @name@(struct vdk_update *u);
%end

#endif
