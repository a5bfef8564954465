/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vdk-faketime - the libexec program behind `vdk faketime`; static, since it starts programs */
#include "commands.h"
#include "vdk.h"

int main(int argc, char **argv)
{
	tool_name_command(argv);
	return cmd_faketime(argc, argv);
}
