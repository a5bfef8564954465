#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# boot: baked rig=broken
# timeout: 1
sleep 1000
