# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What the tests of `vdk verify`, of debuggers and of profilers share; read after ../lib.sh.

# instructions: at how many of them the last captured `vdk verify` interrupted or unwound
instructions() { grep -oE 'at each of [0-9]+ instr' <<< "$out" | awk '{ n += $4 } END { print n + 0 }'; }

cell=$VDK_SOURCE_ROOT/test/verify/cell

# cell_build: the image $T/cell.so, its debug file $T/cell.debug and a program that calls it, $T/calls
cell_build() {
	need gcc
	if ! "$VDK" build "$cell" -o "$T/cell.so" --debug-file "$T/cell.debug" > "$T/build" 2>&1 ||
		! gcc -g -O1 -D_GNU_SOURCE -I"$VDK_SOURCE_ROOT/include" "$cell/calls.c" \
			"$VDK_SOURCE_ROOT/src/lookup/vdk_lookup.c" -o "$T/calls" 2> "$T/build"; then
		not_ok "the image and its caller are built" "$(cat "$T/build")"
		finish
	fi
}

# calls VDSO: in the background, attached; its number is in $pid afterwards
calls() {
	"$VDK" run --once --vdso "$1" -- "$T/calls" &
	pid=$!
	at_end "kill $pid 2> /dev/null || true"
	wait_for 10 sh -c "[ \"\$(cat /proc/$pid/comm)\" = calls ] && grep -q libc /proc/$pid/maps" ||
		not_ok "the program runs"
}

# noexec_dir: a file system without programs, as Debian's /run, in $noexec; false: none can be made
noexec_dir() {
	[ "$(id -u)" = 0 ] || return 1
	noexec=$T/noexec
	mkdir -p "$noexec"
	mount -t tmpfs -o noexec,mode=755,size=4m vdk-test "$noexec" 2> /dev/null || return 1
	at_end "umount -l $noexec"
	mkdir "$noexec/runtime"
}
