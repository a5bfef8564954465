/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_TOOL_DOCTOR_TRY_H
#define VDK_TOOL_DOCTOR_TRY_H

#include "doctor/doctor.h"

/* Fill what a fake would tell; takes some tens of milliseconds. */
void doctor_try(struct doctor_measured *measured);

/* The result for people, or as one object. */
void doctor_print(const struct doctor *doctor);
void doctor_print_json(const struct doctor *doctor);

/* Every finding that there is. */
void doctor_print_list(void);

#endif
