#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The kernel's own tests of its vDSO, the vsyscall page and time namespaces, from its source tree,
# on the kernel with our functions in it: baking must not have hurt anything. Some of these
# programs check less and still exit 0 when something is missing, so what they say is counted.
# boot: baked vsyscall=emulate
# boot: baked vsyscall=xonly
# boot: baked vsyscall=none
# boot: debian
# program: {tree}/tools/testing/selftests/vDSO/vdso_test_abi.c {tree}/tools/testing/selftests/vDSO/parse_vdso.c -w
# program: {tree}/tools/testing/selftests/vDSO/vdso_test_gettimeofday.c {tree}/tools/testing/selftests/vDSO/parse_vdso.c -w
# program: {tree}/tools/testing/selftests/vDSO/vdso_test_getcpu.c {tree}/tools/testing/selftests/vDSO/parse_vdso.c -w
# program: {tree}/tools/testing/selftests/vDSO/vdso_test_clock_getres.c -w
# program: {tree}/tools/testing/selftests/vDSO/vdso_test_correctness.c -w -dynamic -ldl
# program: {tree}/tools/testing/selftests/vDSO/vdso_standalone_test_x86.c {tree}/tools/testing/selftests/vDSO/parse_vdso.c -w -O0 -std=gnu99 -nostdlib -fno-asynchronous-unwind-tables -fno-stack-protector
# program: {tree}/tools/testing/selftests/x86/test_vsyscall.c -w -dynamic -ldl
# program: {tree}/tools/testing/selftests/timens/timens.c -w -dynamic -ldl
# program: {tree}/tools/testing/selftests/timens/exec.c -w -o timens-exec
# timeout: 120
. /rig/lib.sh

# passes PROGRAM REGEX COUNT: it exits 0 and says so often that something is well.
passes() {
	capture "$1"
	is "$1: exit status" 0 "$status"
	is "$1: checks that held" "$3" "$(printf '%s\n' "$out" | grep -cE "$2")"
	unlike "$1: nothing failed" '^not ok|\[FAIL\]|\[WARN\]' "$out"
}

passes vdso_test_abi '^ok [0-9]+' 16
passes vdso_test_gettimeofday '^The time is [0-9]+\.[0-9]+$' 1
passes vdso_test_getcpu '^Running on CPU [01] node 0$' 1
passes vdso_test_clock_getres '\[PASS\]' 7
passes vdso_standalone_test_x86 '^The time is +[0-9]+\.[0-9]+$' 1
passes vdso_test_correctness '\[OK\]' 18
passes timens '^ok [0-9]+' 10
passes timens-exec '^ok [0-9]+' 1

# On two CPUs; without a page there is less to compare.
case $RIG_BOOT in
*none | debian*) passes test_vsyscall '\[OK\]' 9 ;;
*) passes test_vsyscall '\[OK\]' 15 ;;
esac
case $RIG_BOOT in
*emulate) like "the page can be read" 'We have read access' "$out" ;;
*xonly) like "the page cannot be read" 'do not have read access' "$out" ;;
*) is "there is no page" 0 "$(grep -c vsyscall /proc/self/maps)" ;;
esac
finish
