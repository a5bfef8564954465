#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The kernel's own tests of the vDSO, the vsyscall page and time namespaces, from Debian's
# linux-source-6.1, natively and under `vdk run` with the passthrough image: the same verdicts, line
# by line. Several of these tests check less and still exit 0 when something is missing, so the
# lines are compared and counted, not only the exit statuses.
set -eu
. "$(dirname "$0")/../lib.sh"
need make gcc tar xz

tarball=/usr/src/linux-source-6.1.tar.xz
[ -e "$tarball" ] || skip "no $tarball here (scripts/install-deps test)"

# Unpacking takes ten seconds, so it is done once for a build tree.
unpack() {
	local source=linux-source-6.1

	mkdir -p "$1"
	tar xf "$tarball" -C "$1" --strip-components=1 \
		"$source"/tools/testing/selftests/{vDSO,x86,timens,lib.mk,kselftest.h,kselftest_harness.h} \
		"$source"/tools/scripts "$source"/scripts/subarch.include
	compile "$1" vDSO
	compile "$1" timens
	compile "$1" x86 test_vsyscall_64 test_mremap_vdso_64
}

compile() { # compile TREE FOLDER [PROGRAM...]
	local tree=$1 folder=$2 output=$1/output/$2

	shift 2
	mkdir -p "$output"
	make -s -C "$tree/tools/testing/selftests/$folder" OUTPUT="$output" top_srcdir="$tree" "${@/#/$output/}"
}

tree=$VDK_BUILD_ROOT/test/kselftest
cached "$tree" "$tarball" "$0" -- unpack > "$T/compile" 2>&1 ||
	{ echo "not ok - the kernel's tests cannot be compiled"; tail -n 20 "$T/compile"; exit 1; }

# Lines without what differs from run to run: numbers, addresses, offsets. And without the notes on
# a move in parts, which only an image of several pages can be asked for.
verdicts() { grep -vE '^\[NOTE\].*(Moving|partial)' <<< "$1" | sed -E 's/-?(0x[0-9a-f]+|[0-9]+(\.[0-9]+)?)/N/g' | sort; }
count() { grep -cE "$1" <<< "$2" || :; }

# Does the kernel let one move the image's mapping? Not one that is sealed (Linux 6.10 and later),
# be it ours or, with CONFIG_MSEAL_SYSTEM_MAPPINGS, its own.
is_sealed() {
	"$VDK" run --vdso "$image" -- sed -n "\|$image|,/^VmFlags/p" /proc/self/smaps |
		grep -qE '^VmFlags:.* sl( |$)'
}

compare() { # compare PROGRAM LEAST [OPTION]: LEAST lines of success, natively and attached
	local native native_status native_err

	capture timeout 60 "$tree/output/$1"
	native=$out
	native_status=$status
	native_err=$err
	capture timeout 60 "$VDK" run ${3-} --vdso "$image" -- timeout 60 "$tree/output/$1"
	is "$1: exit status" "$native_status" "$status"
	is "$1: verdicts" "$(verdicts "$native")" "$(verdicts "$out")"
	is "$1: messages" "$native_err" "$err"
	if [ "$(count '^\[OK\]|^ok |\[PASS\]$' "$out")" -lt "$2" ]; then
		not_ok "$1: at least $2 successes" "$out"
	fi
}

image pass
compare vDSO/vdso_test_abi 16
compare vDSO/vdso_test_clock_getres 7
compare vDSO/vdso_test_correctness 17
compare vDSO/vdso_test_getcpu 0
compare vDSO/vdso_test_gettimeofday 0
compare vDSO/vdso_standalone_test_x86 0
compare x86/test_vsyscall_64 7
for name in timens exec procfs timer timerfd clock_nanosleep futex; do
	compare "timens/$name" 0
done

# This one moves the vDSO's mapping: as natively where it is not sealed, and not at all where it is.
compare x86/test_mremap_vdso_64 1 --no-seal
if is_sealed; then
	capture timeout 60 "$VDK" run --vdso "$image" -- timeout 60 "$tree/output/x86/test_mremap_vdso_64"
	is "x86/test_mremap_vdso_64: a sealed image does not move" 1 "$status"
	like "x86/test_mremap_vdso_64: and that alone is what it finds" 'Child failed with 1$' "$out"
fi
finish
