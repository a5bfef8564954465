#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A good test among the broken ones: it must not suffer from them, nor they be hidden by it. As a
# negative control, it fails, since nothing in it does.
# boot: baked rig=broken
# fails: baked rig=hang
# timeout: 15
. /rig/lib.sh
ok "all is well"
finish
