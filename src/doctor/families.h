/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_DOCTOR_FAMILIES_H
#define VDK_DOCTOR_FAMILIES_H

#include "doctor/examination.h"

/* The families, in this order. */
void doctor_see_clock(struct doctor *doctor);
void doctor_see_boot(struct doctor *doctor);
void doctor_see_machine(struct doctor *doctor);
void doctor_see_vdso(struct doctor *doctor);
void doctor_see_image(struct doctor *doctor);
void doctor_see_namespace(struct doctor *doctor);
void doctor_see_guards(struct doctor *doctor);
void doctor_see_program(struct doctor *doctor);
void doctor_see_preload(struct doctor *doctor);
void doctor_see_calls(struct doctor *doctor);
void doctor_see_attached(struct doctor *doctor);

#endif
