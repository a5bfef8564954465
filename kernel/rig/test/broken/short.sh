#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Ends early and calls that success.
# boot: baked rig=broken
. /rig/lib.sh
ok "one of many checks"
exit 0
