#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The manual pages against the commands: test-pages.sh MAN_FOLDER LAYOUT_LINES
#
#   - each command of `vdk --help` has a page and stands in vdk(1), and the other way round;
#   - the options of a page are those of `vdk CMD --help`, and the command knows each of them;
#   - the exit codes of a page are those of the help, which itself ends with 0;
#   - the byte layouts are those of the headers;
#   - what libvdk exports has a page in section 3, and what has one is exported;
#   - functions that a page names are there;
#   - pages refer to pages that there are.
set -eu
. "$(dirname "$0")/../test/lib.sh"

man=$1
layout_lines=$2

# The commands that `vdk --help` lists: lines with two blanks in front.
commands=$("$VDK" --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' | sort)
[ -n "$commands" ] || not_ok "vdk --help lists commands"

# section FILE NAME: a page's section.
section() { sed -n "/^# $2\$/,/^# /p" "$1" | sed '/^# /d'; }

# Options at the beginning of a line of the OPTIONS section, long names only, one a line.
page_options() {
	section "$1" OPTIONS | grep '^\*' | grep -o -e '--[a-z][a-z-]*' | sort -u
}

# Options in a help; what it says of other commands, in backquotes, is none of its own.
help_options() {
	"$VDK" "$1" --help | tr '\n' ' ' | sed 's/`[^`]*`//g' | grep -o -e '--[a-z][a-z-]*' |
		grep -vx -e '--help' | sort -u
}

page_codes() {
	section "$1" 'EXIT STATUS' | sed -n 's/^\*\([0-9]\{1,\}\)\*$/\1/p' | sort -n | tr '\n' ' '
}

help_codes() {
	"$VDK" "$1" --help | sed -n '/^exit status:/,$p' | tr '\n' ' ' |
		grep -o -E '\b[0-9]+\b' | sort -nu | tr '\n' ' '
}

is "a page for each command and no other" "$commands" \
	"$(ls "$man" | sed -n 's/^vdk-\(.*\)\.1\.scd$/\1/p' | sort)"
is "vdk(1) names each command" "$commands" \
	"$(section "$man/vdk.1.scd" COMMANDS | sed -n 's/^\*vdk-\([a-z-]*\)\*(1)$/\1/p' | sort)"

for command in $commands; do
	page=$man/vdk-$command.1.scd
	is "$command: options" "$(help_options "$command")" "$(page_options "$page")"
	is "$command: exit codes" "$(help_codes "$command")" "$(page_codes "$page")"
	for option in $(page_options "$page") --help; do
		capture "$VDK" "$command" "$option"
		unlike "$command knows $option" 'unrecognized option' "$err"
	done
	is "$command --help: exit status and messages" "0 " "$status $err"
	capture "$VDK" "$command" --no-such-option
	is "$command: an unknown option: exit status" 2 "$status"
	like "$command: an unknown option: message" "^vdk $command: unrecognized option" "$err"
done

is "vdk(1): exit codes" "0 1 2 3 77 126 127 " "$(page_codes "$man/vdk.1.scd")"

# Each structure's lines stand in one literal block, in this order and with nothing missing.
layout=$("$layout_lines")
pages=$(cat "$man/vvar-page.5.scd" "$man/vdso-image.5.scd")
for struct in $(sed -n 's/^struct //p' <<< "$layout"); do
	is "layout of struct $struct" \
		"$(sed -n "/^struct $struct\$/,/^struct/p" <<< "$layout" | grep -v '^struct')" \
		"$(sed -n "/^struct $struct\$/,/^\`\`\`/p" <<< "$pages" |
			sed -n 's/^\( *[0-9]\{1,\} *[0-9]\{1,\}  [a-z0-9_]\{1,\}\).*/\1/p')"
done

# Section 3 is made of these headers. Functions of the others are no part of libvdk: they live in images.
include=$VDK_SOURCE_ROOT/include/vdk
exported=$(nm -D --defined-only "$VDK_BUILD_ROOT/src/libvdk.so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort)
documented=$( (python3 "$man/page-from-header.py" --names "$include"/{attach,field,layout,lookup,note,page,publish,report}.h
	echo vdk_lookup) | sort)
is "each symbol of libvdk has a page in section 3" "" "$(comm -23 <(echo "$exported") <(echo "$documented"))"
is "section 3 describes no function that is gone" "" "$(comm -13 <(echo "$exported") <(echo "$documented"))"

# Functions that the pages name, of libvdk, of the other headers, or of a ready vDSO.
named=$(sed 's/\\//g' "$man"/*.scd | grep -ohE '\bvdk_[a-z_0-9]+\*?\(\)' | tr -d '*()' | sort -u)
there=$( (echo "$documented"; python3 "$man/page-from-header.py" --names "$include"/*.h
	grep -rhoE '\bvdk_[a-z_0-9]+' "$VDK_SOURCE_ROOT"/vdsos/*/*.[ch] "$VDK_SOURCE_ROOT"/kernel/bpf/runqueue/*.[ch]) | sort -u)
is "functions that pages name are there" "" "$(comm -23 <(echo "$named") <(echo "$there"))"

# A ready vDSO has a page in section 7, which names each function that its source exports, and no page is
# left of one that is gone. What stands for a standard function is the kernel's to describe.
cd "$VDK_SOURCE_ROOT"
ready=$(ls -d vdsos/*/ kernel/bpf/runqueue/ | sed 's,/$,,')
is "a page for each ready vDSO and no other" "$(sed 's,.*/,,' <<< "$ready" | sort)" \
	"$(ls "$man" | sed -n 's/^vdk-\(.*\)\.7\.scd$/\1/p' | sort)"
for folder in $ready; do
	name=${folder##*/}
	page=$(sed 's/\\//g' "$man/vdk-$name.7.scd" 2> /dev/null || true)
	for function in $(grep -ohE 'VDK_FUNCTION(_VERSION)?\([^(]*, *[a-z_0-9]+, *\(' "$folder"/*.vdso.c |
		sed -E 's/.*, *([a-z_0-9]+), *\($/\1/' | grep -vxE 'clock_gettime|gettimeofday|time|getcpu|clock_getres|getrandom'); do
		like "vdk-$name(7) describes $function()" "\b$function\b" "$page"
	done
	# The other way round: functions at the beginning of a line are those that there are.
	for function in $(grep -oE '^\*(vdk_[a-z_0-9]+|[a-z]+_[a-z_]+)\*\(\)' <<< "$page" | tr -d '*()'); do
		like "$function() of vdk-$name(7) is there" "\b$function\b" \
			"$(cat "$folder"/*.vdso.c "$folder"/*.h "$folder"/*.c 2> /dev/null)"
	done
done

# Installed headers have a page in section 3; the formats' is in section 5.
excluded=$(grep -oE "'[a-z-]+\.h'" include/meson.build | tr -d "'")
named=$(sed -n '/^foreach name : \[/,/\]/p' "$man/meson.build" | grep -oE "'[a-z-]+'" | tr -d "'")
is "each installed header has a page, and no other" \
	"$(cd "$include" && ls ./*.h | sed 's,^\./,,' | grep -vxF -e format.h -e "$excluded" | sed 's/\.h$//' | sort)" \
	"$(sort <<< "$named")"

# References of our own, as scdoc has them: *vdk-run*(1), *vdk\_page*(3).
there=$( (cd "$man" && ls ./*.scd | sed 's,^\./,,; s,\.scd$,,'
	cd "$include" && ls ./*.h | sed 's,^\./\(.*\)\.h$,vdk_\1.3,') | sort)
dangling=$(sed 's/\\//g' "$man"/*.scd | grep -o -E '\*(vdk|vvar-page|vdso-image)[a-z_-]*\*\([1-8]\)' |
	sed 's/^\*\(.*\)\*(\(.\))$/\1.\2/' | sort -u | comm -23 - <(sort <<< "$there"))
is "pages refer to pages that there are" "" "$dangling"
finish
