#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The sessions of doc/BAKING.md, on an archive of just those files of Linux that they touch.
set -eu
. "$(dirname "$0")/tree.sh"
need_linux
need patch

tree linux-source-6.1
tar -C "$T" -cf "$T/linux.tar" linux-source-6.1
LINUX_SOURCE=$T/linux.tar "$VDK_SOURCE_ROOT/test/doc/transcript.sh" "$VDK_SOURCE_ROOT/doc/BAKING.md"
