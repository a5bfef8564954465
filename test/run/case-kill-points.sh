#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The worker dies at one exact step of each attach: the program starts, attached or not, and its
# result is the same. A seccomp filter kills it there, so each point is met every time.
set -eu
. "$(dirname "$0")/../lib.sh"

image pass
need gcc
gcc -O1 -Wall "$VDK_SOURCE_ROOT/test/run/programs/die-at.c" -o "$T/die-at"
"$T/die-at" 9999 0 - true || skip "no seccomp filter can be installed here"

tree='for i in 1 2 3; do /bin/true || echo "failed: $?"; done; echo ran; grep -c pass.so /proc/self/maps'

point() { # point NAME EXPECTED NUMBER ARGUMENT VALUE: die there, expect this many mappings of the image
	capture timeout 30 "$T/die-at" "$3" "$4" "$5" "$VDK" run --vdso "$image" -- bash -c "$tree"
	is "killed before $1" "ran $2" "$(echo $out)"
	points=$((points + 1))
}

points=0
# x86-64's numbers: pwrite64, ptrace with its request.
point "it seizes the program" 0 101 0 0x4206           # PTRACE_SEIZE
point "it asks who stopped" 0 101 0 0x4201             # PTRACE_GETEVENTMSG
point "it reads the registers" 0 101 0 0x4204          # PTRACE_GETREGSET
point "it hides the kernel's vDSO" 0 18 0 -            # pwrite64
point "it diverts the program" 0 101 0 0x4205          # PTRACE_SETREGSET: hidden, and overwritten
point "it lets the program go" 1 101 0 17              # PTRACE_DETACH

# The filter is not one that nothing meets: a killed worker is said to be restarted, not absent.
capture timeout 30 "$T/die-at" 9999 0 - "$VDK" run --vdso "$image" -- bash -c "$tree"
is "killed nowhere" "ran 1" "$(echo $out)"
figure kill_points $points
finish
