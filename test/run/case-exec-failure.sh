#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Programs that cannot be started: the exit codes that env(1), timeout(1) and the shells use, a
# message that names the program, and the same inside a followed tree as without one.
set -eu
. "$(dirname "$0")/../lib.sh"

image pass
# A folder of the PATH that is closed to us would turn "no such command" into "permission denied".
export PATH=/usr/bin:/bin
echo 'echo no interpreter line' > "$T/text"
printf '#!/no/such/interpreter\n' > "$T/script"
printf '\177ELF and nothing more' > "$T/damaged"
cp "$T/text" "$T/closed"
chmod 755 "$T/text" "$T/script" "$T/damaged"
chmod 644 "$T/closed"

refused() { # refused WHAT CODE MESSAGE PROGRAM
	local mode

	for mode in follow once; do
		if [ "$mode" = once ]; then
			capture "$VDK" run --once --vdso "$image" -- "$4" argument
		else
			capture "$VDK" run --vdso "$image" -- "$4" argument
		fi
		is "$1, $mode: exit status" "$2" "$status"
		like "$1, $mode: message" "^vdk run: .*$3" "$err"
		is "$1, $mode: nothing on standard output" "" "$out"
	done
}

refused "no such file" 127 "$T/none.*No such file" "$T/none"
refused "no such command" 127 "no-such-command.*No such file" no-such-command
refused "empty name" 127 "No such file" ""
refused "folder on the way is a file" 127 "Not a directory" "$T/text/x"
refused "interpreter missing" 127 "$T/script.*No such file" "$T/script"
refused "not executable" 126 "$T/closed.*Permission denied" "$T/closed"
refused "a folder" 126 "$T.*Permission denied" "$T"
refused "damaged ELF file" 126 "$T/damaged.*format" "$T/damaged"
refused "text without an interpreter" 126 "$T/text.*format" "$T/text"

# Inside a tree: a shell's own handling of each failure, and that it goes on afterwards.
attempts='for p in "$@"; do "$p"; echo "$?"; done 2>&1; (exec "$1") 2>&1; echo "$?"; date > /dev/null; echo end'
capture sh -c "$attempts" sh "$T/none" "$T/script" "$T/closed" "$T/damaged" "$T/text" "$T"
native=$out
capture "$VDK" run --vdso "$image" -- sh -c "$attempts" sh "$T/none" "$T/script" "$T/closed" \
	"$T/damaged" "$T/text" "$T"
is "failures inside a tree" "$native" "$out"
finish
