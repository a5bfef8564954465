/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For the trial compilation all of it is in one file. */
#include <linux/types.h>
