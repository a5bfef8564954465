#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# vdk perf-map: the right names at the right addresses, in the right file; not through links, not
# over what is there, not for whom it is no business of.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

need nm
cell_build
calls "$T/cell.so"
map=/tmp/perf-$pid.map
at_end "rm -f $map"
base=$(awk -v image="$T/cell.so" '$6 == image { split($1, at, "-"); print at[1]; exit }' "/proc/$pid/maps")

expected() { # expected SYMBOL: its line in the map, by nm
	nm -S "$T/cell.debug" | while read -r value size _ name; do
		[ "$name" != "$1" ] || printf '%x %x %s\n' $((0x$base + 0x$value)) $((0x$size)) "$1"
	done
}

capture "$VDK" perf-map "$pid"
is "exit status" 0 "$status"
is "it says where" "$map: 7 functions" "$out"
like "an exported function" "^$(expected __vdso_cell_sum)\$" "$(cat "$map")"
unlike "each address once" ' cell_sum$' "$(cat "$map")"
is "in ascending order" "$(sort "$map")" "$(cat "$map")"
unlike "none that is not exported" cell_inner "$(cat "$map")"

capture "$VDK" perf-map "$pid"
is "a map that is there: exit status" 3 "$status"
like "a map that is there: message" "^vdk perf-map: $map: cannot write it: File exists \\(--append" "$err"
echo 'ffff 1 of_the_process' > "$map"
capture "$VDK" perf-map --append --symbols "$T/cell.debug" "$pid"
is "--append: exit status" 0 "$status"
is "--append keeps what is there" 'ffff 1 of_the_process' "$(head -1 "$map")"
like "--symbols: also what is not exported" "^$(expected cell_inner)\$" "$(cat "$map")"

rm "$map"
ln -s "$T/victim" "$map"
capture "$VDK" perf-map "$pid"
is "a link there: exit status" 3 "$status"
capture "$VDK" perf-map --append "$pid"
is "a link there, --append: exit status" 3 "$status"
[ ! -e "$T/victim" ] && ok "a link is not followed" || not_ok "a link is not followed"
rm "$map"
touch "$T/victim"
ln "$T/victim" "$map" 2> /dev/null && {
	capture "$VDK" perf-map --append "$pid"
	is "a second name of some file, --append: exit status" 77 "$status"
	is "a second name of some file is not written" '' "$(cat "$T/victim")"
	rm "$map"
}

capture "$VDK" perf-map -o "$T/map" "$pid"
is "-o: exit status" 0 "$status"
is "-o -" "$(cat "$T/map")" "$("$VDK" perf-map -o - "$pid")"

# --- what is refused ---
capture "$VDK" perf-map $$
is "no image attached: exit status" 1 "$status"
like "no image attached: message" 'no image is attached' "$err"
image pass
capture "$VDK" perf-map --symbols "$image" "$pid"
is "a debug file of another build: exit status" 3 "$status"
like "a debug file of another build: message" 'is of another build' "$err"
capture "$VDK" perf-map --symbols /etc/passwd "$pid"
like "a debug file that is none" 'not an ELF file' "$err"
capture "$VDK" perf-map --symbols "$T/cell.so" "$pid"
like "a debug file without symbols" 'has no symbol table' "$err"
capture "$VDK" perf-map
is "no process: exit status" 2 "$status"
capture "$VDK" perf-map --gdb --append "$pid"
is "two orders at once: exit status" 2 "$status"
capture "$VDK" perf-map 999999999
is "no such process: exit status" 3 "$status"

# --- as the process calls itself, and in its own /tmp ---
if [ "$(id -u)" = 0 ] && command -v unshare > /dev/null && command -v setpriv > /dev/null &&
	unshare -m -p --fork true 2> /dev/null; then
	mkdir "$T/own-tmp"
	cat > "$T/inside" << 'SH'
mount --bind "$1/own-tmp" /tmp
exec "$2" run --once --vdso "$3" -- "$4"
SH
	# All that the program needs is elsewhere: the new /tmp hides the old one.
	mkdir -p /run/vdk-test-$$
	at_end "rm -rf /run/vdk-test-$$"
	cp "$T/cell.so" "$T/calls" "$VDK" "/run/vdk-test-$$"
	unshare -m -p --fork --mount-proc sh "$T/inside" "$T" "/run/vdk-test-$$/vdk" "/run/vdk-test-$$/cell.so" \
		"/run/vdk-test-$$/calls" > "$T/inside.log" 2>&1 &
	outer=$!
	at_end "kill $outer 2> /dev/null || true"
	if wait_for 10 grep -q . "/proc/$outer/task/$outer/children" &&
		inner=$(awk '{ print $1 }' "/proc/$outer/task/$outer/children") &&
		wait_for 10 grep -qx calls "/proc/$inner/comm"; then
		at_end "kill $inner 2> /dev/null || true"
		capture "$VDK" perf-map "$inner"
		is "in other namespaces: exit status" 0 "$status"
		like "in other namespaces: its own number" '^/tmp/perf-1\.map: ' "$out"
		[ -e "$T/own-tmp/perf-1.map" ] && ok "in other namespaces: its own /tmp" ||
			not_ok "in other namespaces: its own /tmp" "$(ls "$T/own-tmp")" "$err"
	else
		echo "# no process in namespaces of its own: $(cat "$T/inside.log")"
	fi

	# What a user may not create root does not create for them.
	chmod 755 "$T" "$T/own-tmp"
	setpriv --reuid 65534 --regid 65534 --clear-groups -- \
		"$VDK" run --once --vdso "$VDK_BUILD_ROOT/vdsos/pass/pass.so" -- sleep 60 2> "$T/nobody" &
	nobody=$!
	at_end "kill $nobody 2> /dev/null || true"
	if wait_for 10 sh -c "[ \"\$(cat /proc/$nobody/comm)\" = sleep ]"; then
		rm -f "/tmp/perf-$nobody.map"
		at_end "rm -f /tmp/perf-$nobody.map"
		capture "$VDK" perf-map "$nobody"
		is "of another user: whose file it is" 65534 "$(stat -c %u "/tmp/perf-$nobody.map")"
	else
		echo "# a user cannot run the test's programs here: $(cat "$T/nobody")"
	fi
fi
finish
