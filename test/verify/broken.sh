#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# broken.sh [FLAW...] - images with one flaw each: `vdk verify` finds it, by the property meant for
# it and in words that say what; and nothing in the same image without a flaw.
set -eu
. "$(dirname "$0")/../lib.sh"

source=$VDK_SOURCE_ROOT/test/verify/broken
wanted=$*

# broken_image FLAW: what the linker made, whatever `vdk check` would say; its path is in $image.
broken_image() {
	mkdir -p "$T/$1"
	"$VDK" build "$source" --keep "$T/$1/work" --cflag "-D$1" -o "$T/$1/broken.so" \
		> "$T/$1/build" 2>&1 || true
	image=$T/$1/work/image.so
	[ -e "$image" ] || {
		not_ok "$1: an image was linked" "$(cat "$T/$1/build")"
		finish
	}
}

# flaw NAME PROPERTY WORDS [OPTION...]
flaw() {
	local name=$1 property=$2 words=$3

	[ -z "$wanted" ] || [[ " $wanted " = *" $name "* ]] || return 0
	shift 3
	broken_image "$name"
	capture "$VDK" verify --vdso "$image" --property "$property" "$@" "$function"
	is "$name: exit status" 1 "$status"
	flaws=$((flaws + 1))
	like "$name: $property says" "^$function +$property +FAIL +$words" "$out"
	[ -z "$err" ] || not_ok "$name: no message" "$err"
}

function=clock_gettime
flaws=0
broken_image NONE
capture "$VDK" verify --vdso "$image" --seconds 1 clock_gettime
is "without a flaw: exit status" 0 "$status"
unlike "without a flaw: nothing fails" FAIL "$out"

flaw WRONG_TIME values 'CLOCK_REALTIME: expected [0-9]+ to [0-9]+, found [0-9]+: 9[0-9]+ too large'
flaw FAR_PAST values 'CLOCK_REALTIME: expected [0-9]+ to [0-9]+, found what no answer can be'
flaw FAR_AND_NEAR values 'CLOCK_REALTIME: expected [0-9]+ to [0-9]+, found -?[0-9]+'
flaw FAR_AND_NEAR order 'CLOCK_[A-Z_]+: -[0-9]+ after [0-9]+: back by 1[0-9]{19}'
flaw WRONG_CLOCK values 'CLOCK_BOOTTIME: expected'
flaw NOT_NORMAL values 'CLOCK_.*: expected .*, found what no answer can be'
flaw BACKWARDS order 'CLOCK_[A-Z_]+: [0-9]+ after [0-9]+: back by [0-9]+'
flaw COARSE resolution 'CLOCK_REALTIME: the same answer [0-9]+ times in a row, expected steps of 1 ns'
flaw WRONG_ERRNO arguments '\(12, a good pointer\): expected -EINVAL, found -EPERM'
flaw EAGER arguments '\([0-9-]+, NULL\): expected -EINVAL, found SIGSEGV'
flaw LOSES_R15 registers 'CLOCK_REALTIME: r15: expected 0x5bad0c0de0000005, found 0'
flaw LEAVES_DIRECTION registers 'CLOCK_REALTIME: the direction flag is left set'
flaw CHANGES_ROUNDING registers 'CLOCK_REALTIME: the rounding or exceptions'
flaw DEEP_STACK stack '[A-Za-z_ ]+: 8[0-9]{3} bytes, expected at most 1024'
flaw BELOW_RED_ZONE signals 'interrupted at each instruction: CLOCK_REALTIME: expected'
flaw BAD_CFI unwind 'CLOCK_REALTIME: at image\+0x[0-9a-f]+: the caller'
flaw BAD_CFI_REGISTER unwind "CLOCK_REALTIME: at image\\+0x[0-9a-f]+: the caller's rbp: expected 0x5bad0c0de0000001, found 0"
flaw CRASHES values 'SIGSEGV at image\+0x[0-9a-f]+, address 0x8'
flaw CRASHES registers 'SIGSEGV at image'
flaw ENDLESS_STACK stack 'at image\+0x[0-9a-f]+: used up a stack of [0-9]+ KiB'
flaw ENDS registers 'it ended the process$'
flaw KILLS registers 'it ended the process by SIGKILL'
flaw CRASHES unwind 'CLOCK_REALTIME: SIGSEGV at image'
flaw FINE_COARSE resolution 'CLOCK_REALTIME_COARSE: a step of [0-9]+ ns, expected [0-9]+'
function=getcpu
flaw WRONG_CPU values '.*: on CPU [0-9]+ alone by its affinity, told [0-9]+'
function=clock_gettime
flaw HANGS registers 'it did not end: stopped after [0-9]+ s'

figure flaws "$flaws"
[ -z "$wanted" ] || finish

# The same image passes where its flaw is no matter.
broken_image DEEP_STACK
capture "$VDK" verify --vdso "$image" --property values,registers,unwind --seconds 1 clock_gettime
is "a deep stack is nothing to other properties" 0 "$status"
capture "$VDK" verify --vdso "$image" --property stack --stack 9000 clock_gettime
is "--stack" 0 "$status"

broken_image ALIGNED_16
capture "$VDK" verify --vdso "$image" --property stack clock_gettime
is "a function that relies on the ABI's alignment: no flaw" 0 "$status"
like "a function that relies on the ABI's alignment is told" 'ok .*; aligned to 16 only$' "$out"

# Root alone can make a time namespace.
broken_image NO_NAMESPACE
capture "$VDK" verify --vdso "$image" --property values,namespace --seconds 1 clock_gettime
if grep -q 'namespace *skip' <<< "$out"; then
	like "no time namespace here, and it says why" 'cannot make|shift no clock|cannot be' "$out"
else
	is "wrong only in a namespace: exit status" 1 "$status"
	like "wrong only in a namespace: right outside" '^clock_gettime +values +ok' "$out"
	like "wrong only in a namespace: wrong inside" \
		'namespace +FAIL +in a time namespace: CLOCK_MONOTONIC: expected .* too small' "$out"
fi
finish
