#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Fine by itself, while the kernel complains.
# boot: baked rig=broken
. /rig/lib.sh
echo "<4>WARNING: CPU: 0 PID: 1 at kernel/rig/test" > /dev/kmsg
ok "nothing to see here"
finish
