/* SPDX-License-Identifier: MIT */
#ifndef FLAGS_PAGE_H
#define FLAGS_PAGE_H

#include <vdk/record.h>

/* More than are needed today: another number is another page for programs that start. */
#define FLAGS 64
#define FLAG_NAME 32

/*
 * A flag, or with an empty name a place for one. Its number is its place in the list and stays its
 * own for as long as the page lives: programs ask for it once.
 */
struct flag {
	char name[FLAG_NAME];
	bool on;            /* false: for nobody, whatever the share is */
	uint16_t per_mille; /* of all users */
};
VDK_RECORDS(flag, FLAGS);

#endif
