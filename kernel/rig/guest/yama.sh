#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The Yama security module: who may attach to what, by kernel.yama.ptrace_scope. 3 holds until the
# next boot, so this test has boots of its own.
# boot: baked rig=yama
# boot: debian rig=yama
# program: now.c {source}/src/lookup/vdk_lookup.c -I{source}/include
. /rig/lib.sh

vdso=$(dirname "$(find / -xdev -name notb.so -path '*/vdk/*' | head -n 1)")
runtime=$PWD/runtime
mkdir -m 755 "$runtime"
VDK_RUNTIME_DIR=$runtime vdk publish --once notb "$vdso/notb.so" > publish.log 2>&1

as() { # as USER RUN-OPTIONS: run it attached
	capture su "$1" -c "VDK_RUNTIME_DIR=$runtime vdk run $2 --vdso notb -- now"
}

attached() {
	is "$1: exit status" 0 "$status"
	like "$1: attached" '^beast 666 666$' "$out"
}

refused() {
	is "$1: exit status" 77 "$status"
	like "$1: names what forbids it" 'kernel\.yama\.ptrace_scope' "$err"
	unlike "$1: nothing ran" '^beast' "$out"
}

scope=/proc/sys/kernel/yama/ptrace_scope
echo 0 > $scope
as nobody ''
attached "scope 0, follow"
as nobody --once
attached "scope 0, once"

echo 1 > $scope
as nobody ''
refused "scope 1, follow"
as nobody --once
attached "scope 1, once"
as root ''
attached "scope 1, follow, root"

echo 2 > $scope
as nobody ''
refused "scope 2, follow"
as nobody --once
refused "scope 2, once"
as root --once
attached "scope 2, once, root"

echo 3 > $scope
as root ''
refused "scope 3, follow, root"
as root --once
refused "scope 3, once, root"
finish
