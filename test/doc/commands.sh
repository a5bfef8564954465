#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Nothing that a document tells to type is left untried: commands.sh SESSION...
#
# Each block of commands is run by a test or says why it is not (blocks.py); the documents with
# something to run are those of meson.build, the SESSIONs; and what is said of `vdk COMMAND --option` in
# passing names a command and options that there are.
set -eu
. "$(dirname "$0")/../lib.sh"
need python3

cd "$VDK_SOURCE_ROOT"
blocks="python3 -B test/doc/blocks.py"
documents=$(find . \( -name .git -o -name 'build*' -o -name 'obj-*' -o -path ./LICENSES \) -prune -o \
	\( -name '*.md' -o -name '*.scd' \) -type f -print | sed 's,^\./,,' | sort)
[ "$(wc -l <<< "$documents")" -gt 40 ] || not_ok "the documents are found" "$documents"

for document in $documents; do
	is "$document: each block of commands is run, or says why not" "" \
		"$($blocks unmarked "$document" || true)"
done
is "documents with marked sessions are those that meson.build runs" \
	"$(printf '%s\n' "$@" | sort)" "$($blocks marked $documents | grep -v '^doc/BAKING.md$' | sort)"
like "... and the kernel's is run with its archive" 'doc/BAKING\.md' \
	"$(cat kernel/bake/test/document.sh)"

# A command in passing: `vdk run --once`. Behind -- and the program's name begin words that are not vdk's.
while IFS= read -r line; do
	read -r _ command words <<< "$line"
	if ! [ -e "$T/$command.help" ]; then
		"$VDK" "$command" --help > "$T/$command.help" 2>&1 || echo "no such command" > "$T/$command.help"
	fi
	help=$(cat "$T/$command.help")
	unlike "vdk $command is a command" '^no such command$' "$help"
	case $command in
	run | faketime) words=$(sed 's/\( [A-Z./][A-Za-z./]*\| --\) .*//' <<< "$words") ;;
	esac
	for option in $(grep -oE -e '(^| )--[a-z][a-z-]*' <<< "$words" || true); do
		grep -qe "$option\b" <<< "$help" || not_ok "vdk $command knows $option" "in: $line"
	done
done < <(grep -ohE '`vdk [a-z][a-z-]*( [^`]*)?`' $(grep '\.md$' <<< "$documents") | tr -d '`' |
	sed 's/  */ /g' | sort -u)
finish
