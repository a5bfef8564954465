/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VDK_BAKE_COMMAND_H
#define VDK_BAKE_COMMAND_H

int cmd_bake(int argc, char **argv);

#endif
