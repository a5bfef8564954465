#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What documents point at exists: links, files and folders of the tree in backquotes, and the pages of
# the manual that are named.
set -eu
. "$(dirname "$0")/../lib.sh"

cd "$VDK_SOURCE_ROOT"
documents=$(ls ./*.md doc/*.md doc/decisions/*.md dist/*/*.md kernel/*/*.md proof/*.md)
files=$(find include sdk src tool vdsos examples test proof bench man doc scripts dist kernel debian .ci -type f)

exists() { # exists PATH: from the top, or a file of that name somewhere; a {a,b} stands for both
	local one

	for one in $(eval "echo $1"); do
		[ -e "$one" ] || grep -q "/${one//./\\.}\$" <<< "$files" || return 1
	done
}

for document in $documents; do
	missing=
	for link in $(grep -o '](\([^)#:]*\))' "$document" | sed 's/^](//; s/)$//'); do
		[ -e "$(dirname "$document")/$link" ] || missing+=" $link"
	done
	# Paths that begin with a folder of ours, and bare names of sources.
	for path in $(grep -o '`[^` *<>]*`' "$document" | tr -d '`' |
		grep -E '^(include|sdk|src|tool|vdsos|examples|test|proof|bench|man|doc|scripts|dist|kernel|debian)(/|$)|^[a-z_-]+\.(c|h|S|lds|pml)$' |
		grep -v -e CPU -e NAME -e HASH -e PACKAGE -e '^show\.c$'); do
		exists "$path" || missing+=" $path"
	done
	for page in $(grep -o -E '\b(vdk[a-z-]*|vdso-image|vvar-page)\([1-9]\)' "$document" | tr '()' '. '); do
		[ -e "man/$page.scd" ] || missing+=" man/$page"
	done
	is "$document points at what is there" "" "$missing"
done
finish
