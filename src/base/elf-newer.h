/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BASE_ELF_NEWER_H
#define VDK_BASE_ELF_NEWER_H

/*
 * Names of the ELF format that <elf.h> of one of the C libraries we build with (glibc 2.36, musl
 * 1.2.3) does not have yet: relative relocations in their packed form.
 */

#include <elf.h>

#ifndef SHT_RELR
#define SHT_RELR 19
#endif

#ifndef DT_RELR
#define DT_RELRSZ 35
#define DT_RELR 36
#define DT_RELRENT 37
#endif

#endif
