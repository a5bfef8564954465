#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The rig can fail: guest tests that fail, lie, end early or never, a kernel that complains or
# panics, a guest that hangs. Each is told as what it is, and none as success.
set -eu
. "$(dirname "$0")/../../../test/lib.sh"

rig=$VDK_SOURCE_ROOT/kernel/rig
capture "$rig/run" --tests "$rig/test/broken" --seconds 1 --log "$T/logs"
[ "$status" != 77 ] || skip "${out##*skipped: }"

is "exit status" 1 "$status"
told() { like "$1" "^not ok - baked rig=$2" "$out"; }
told "a check that fails" 'broken: fails: not ok 2 - another one does not'
told "no plan" 'broken: short: expected one plan, found 0'
told "fewer checks than planned" 'broken: less: plan of 2, but 1 checks'
told "a bad exit status" 'broken: status: exit status 3'
told "a skip without a reason" 'broken: unreasoned: skipped without a reason'
told "a test that does not end" 'broken: slow: exit status 137 .out of time'
told "a complaint of the kernel" 'broken: kernel log: .*WARNING: CPU'
like "a good test among them" '^ok - baked rig=broken: holds \(1 checks\)' "$out"
like "a dirty log is no fault of the test's" '^ok - baked rig=broken: dirty' "$out"
told "a panic: the test" 'panic: panics: the guest ended in the midst of this test'
told "a panic: QEMU's status" 'panic: QEMU ended with status 0, expected 1'
told "a panic: the last word" "panic: expected the guest's last word .* found none"
told "a panic: the log" 'panic: kernel log: .*Kernel panic'
told "a guest that hangs" 'hang: the guest did not end in time'
told "a negative control that never ran" 'hang: holds: the negative control did not fail by a check'
like "the sum" '^# 2 passed, [0-9]+ failed, 0 skipped$' "$out"
finish
