#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The kernel dies in the midst of the test.
# boot: baked rig=panic
. /rig/lib.sh
ok "so far, so good"
echo c > /proc/sysrq-trigger
finish
