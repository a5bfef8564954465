#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The sessions in a document are true: transcript.sh FILE.md
#
# A fenced block behind a line `<!-- file: NAME -->` is written to NAME; one behind `<!-- run -->`
# is run, line by line, in one shell in that same folder: a line `$ COMMAND` must succeed and print
# exactly the lines that follow it. A line that begins with `$ !` must fail. Three dots stand
# for anything, also for lines.
set -eu
. "$(dirname "$0")/../lib.sh"

document=$(realpath "$1")
need cc
! grep -q '^```go$' "$document" || need go
mkdir "$T/bin" "$T/work"
ln -s "$VDK" "$T/bin/vdk"
PATH=$T/bin:$PATH
# What documents write where an installed kit has pkg-config.
export VDK_CFLAGS=-I$VDK_SOURCE_ROOT/include VDK_LOOKUP=$VDK_SOURCE_ROOT/src/lookup/vdk_lookup.c
export VDK_LIBS="$VDK_BUILD_ROOT/src/libvdk.a" GOCACHE=$T/go
cd "$T/work"

# From what a document promises to a regular expression for what came.
as_pattern() {
	sed -e 's/[][\.*^$+?(){}|/]/\\&/g' -e 's/\\\.\\\.\\\./.*/g' <<< "$1"
}

check_command() { # check_command COMMAND EXPECTED_OUTPUT
	local command=$1 expected=$2 wanted=0 status=0 out

	if [ "${command#! }" != "$command" ]; then
		command=${command#! }
		wanted=1
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

# Cut the document into numbered pieces: NNN.file (with the name in NNN.name) and NNN.run.
awk -v folder="$T" '
	/^<!-- file: .* -->$/ { kind = "file"; name = $3; next }
	/^<!-- run -->$/ { kind = "run"; next }
	/^```/ && inside { close(piece); inside = 0; kind = ""; next }
	/^```/ && kind {
		piece = sprintf("%s/%03d.%s", folder, ++count, kind)
		if (kind == "file") print name > sprintf("%s/%03d.name", folder, count)
		printf "" > piece
		inside = 1
		next
	}
	inside { print > piece }
' "$document"

for piece in "$T"/[0-9][0-9][0-9].*; do
	case $piece in
	*.file)
		name=$(cat "${piece%.file}.name")
		mkdir -p "$(dirname "$name")"
		cp "$piece" "$name"
		;;
	*.run) run_block "$piece" ;;
	esac
done
finish
