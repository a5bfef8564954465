/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_INSPECT_IDENTIFY_H
#define VDK_INSPECT_IDENTIFY_H

#include "inspect/process.h"

/* Correct what was classified by names, by the bytes that are there. */
void vdk_maps_identify(struct vdk_maps *maps, const struct vdk_process *process);

#endif
