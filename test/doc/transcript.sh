#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The sessions in a document are true: transcript.sh FILE.md|FILE.scd
#
# blocks.py, beside this, says how blocks are marked. One behind `file: NAME` is written to NAME; one
# behind `run` is run, line by line, in one shell in that same folder: a line `$ COMMAND` must succeed
# and print exactly the lines that follow it. A line that begins with `$ !` must fail. Three dots stand
# for anything; three dots that are a line stand for lines, or none. In a block without a line `$ ...` each line is a command that must
# succeed. What `setup: COMMAND` says is run in the same shell, and may be one of the functions below.
set -eu
. "$(dirname "$0")/../lib.sh"
here=$(realpath "$(dirname "$0")")

document=$(realpath "$1")
need cc pkg-config python3
! grep -q '^```go$' "$document" || need go
mkdir "$T/bin" "$T/work" "$T/pieces" "$T/readme"
ln -s "$VDK" "$T/bin/vdk"
PATH=$T/bin:$PATH
# Documents are written for an installed kit; the one of the build folder gets a pkg-config file like it.
if [ -z "${VDK_INSTALLED-}" ]; then
	mkdir "$T/pkgconfig"
	cat > "$T/pkgconfig/vdk.pc" <<- END
		lookup=$VDK_SOURCE_ROOT/src/lookup/vdk_lookup.c
		Name: vdk
		Description: the kit of a build folder
		Version: 0
		Libs: $VDK_BUILD_ROOT/src/libvdk.a
		Cflags: -I$VDK_SOURCE_ROOT/include
	END
	export PKG_CONFIG_PATH=$T/pkgconfig
fi
export GOCACHE=$T/go
cd "$T/work"

# From what a document promises to a regular expression for what came.
as_pattern() {
	local pattern line=$'\n'

	pattern=$(sed -e 's/[][\.*^$+?(){}|/]/\\&/g' -e 's/\\\.\\\.\\\./.*/g' <<< "$1")
	# Three dots that are a line stand for any lines, or none.
	pattern=${pattern//"$line.*$line"/"$line(.*$line)?"}
	[ "${pattern#".*$line"}" = "$pattern" ] || pattern="(.*$line)?${pattern#".*$line"}"
	[ "${pattern%"$line.*"}" = "$pattern" ] || pattern="${pattern%"$line.*"}($line.*)?"
	printf '%s\n' "$pattern"
}

check_command() { # check_command COMMAND EXPECTED_OUTPUT
	local command=$1 expected=$2 wanted=0 status=0 out

	if [ "${command#! }" != "$command" ]; then
		command=${command#! }
		wanted=1
	fi
	if [[ $command == *\& ]]; then # for a while, in the background
		eval "$command" > "$T/background" 2>&1 < /dev/null
		sleep 0.5
		return
	fi
	eval "$command" > "$T/out" 2>&1 < /dev/null || status=$?
	[ "$status" = 0 ] || status=1
	out=$(cat "$T/out")
	is "$command: succeeds (0) or fails (1)" "$wanted" "$status"
	if [[ $expected == *...* ]]; then
		if [[ $out =~ ^$(as_pattern "$expected")$ ]]; then
			ok "$command: output"
		else
			not_ok "$command: output" "expected: $expected" "found: $out"
		fi
	else
		is "$command: output" "$expected" "$out"
	fi
}

run_block() { # run_block FILE: the lines of one session
	local line command='' expected=''

	while IFS= read -r line <&3 || [ -n "$line" ]; do
		if [ "${line#\$ }" = "$line" ]; then
			expected+=${expected:+$'\n'}$line
			continue
		fi
		[ -z "$command" ] || check_command "$command" "$expected"
		command=${line#\$ }
		expected=''
	done 3< "$1"
	[ -z "$command" ] || check_command "$command" "$expected"
}

place() { # place PIECE.file: under the name that it has in the document
	local name

	name=$(cat "${1%.file}.name")
	mkdir -p "$(dirname "$name")"
	cp "$1" "$name"
}

# --- what documents may ask for by `setup:` ---

needs() { need "$@" >&3; } # needs COMMAND...: skip the rest of the document without them

# The README's vDSO and program, built and published, with the README's values.
room() {
	local piece

	python3 -B "$here/blocks.py" cut "$VDK_SOURCE_ROOT/README.md" "$T/readme"
	for piece in "$T"/readme/*.file; do
		place "$piece"
	done
	vdk build room -o room.so
	cc show.c -o show -L. -lroom
	vdk publish room room.so
	vdk set room room.celsius=21.5 room.people=3
}

# A process $pid that runs with the vDSO room, until the end.
attached() {
	vdk run --once --vdso room sleep 1000 > /dev/null 2>&1 < /dev/null &
	pid=$!
	wait_for 10 sleeps
}
# ... once it is what it is to become, and is at rest.
sleeps() {
	[ "$(readlink "/proc/$pid/exe")" = "$(realpath "$(command -v sleep)")" ] &&
		grep -q '^\(35\|230\) ' "/proc/$pid/syscall"
}

exec 3>&1
at_end 'kill $(jobs -p) 2> /dev/null'

python3 -B "$here/blocks.py" cut "$document" "$T/pieces"
for piece in "$T"/pieces/*; do
	case $piece in
	*.file) place "$piece" ;;
	*.run) run_block "$piece" ;;
	*.setup) eval "$(cat "$piece")" > "$T/out" 2>&1 < /dev/null || {
		not_ok "setup: $(cat "$piece")" "$(cat "$T/out")"
		finish
	} ;;
	esac
done
finish
