# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# One example in several languages: examples/NAME/STEM.{c,cc,go,py,rs}, built into $T/LANGUAGE.
#
#     languages FOLDER STEM LIBRARY INCLUDE_OPTION...
#     for language in $languages; do
#             build_example "$language" || continue
#
# LIBRARY is the link stub, with its folder: DIR/libNAME.so. What cannot be built here, or fails to
# be, is told and counted.

# shellcheck disable=SC2034 # for who sources this
languages='c musl cxx go python rust'

languages() {
	language_source=$VDK_SOURCE_ROOT/examples/$1/$2
	language_library=$3
	shift 3
	language_include=("$@")
	language_lookup=$VDK_SOURCE_ROOT/src/lookup/vdk_lookup.c
}

language_is_here() {
	case $1 in
	c) true ;;
	cxx) command -v c++ ;;
	musl) command -v musl-gcc ;;
	go) command -v go ;;
	python) command -v python3 ;;
	rust) [ -x /usr/bin/rustc ] ;;
	esac > /dev/null
}

language_build() {
	local name=${language_library##*/lib}

	case $1 in
	c) cc -O2 -Wall -Werror "${language_include[@]}" "$language_source.c" "$language_lookup" -o "$T/c" ;;
	musl) musl-gcc -static -O2 "${language_include[@]}" "$language_source.c" "$language_lookup" -o "$T/musl" ;;
	cxx)
		c++ -std=c++17 -O2 -Wall "${language_include[@]}" "$language_source.cc" -o "$T/cxx" \
			-L "${language_library%/*}" "-l${name%.so}"
		;;
	go) # kept from the network and from a go.mod further up
		mkdir "$T/go-source"
		cp "$language_source.go" "$language_lookup" "$T/go-source"
		(cd "$T/go-source" && CGO_CFLAGS="-O2 ${language_include[*]}" CGO_ENABLED=1 GO111MODULE=off \
			GOPROXY=off GOCACHE="$VDK_BUILD_ROOT/test/go-cache" go build -o "$T/go")
		;;
	python) cp "$language_source.py" "$T/python" ;;
	rust) /usr/bin/rustc --edition 2021 -O "$language_source.rs" -o "$T/rust" ;;
	esac
}

build_example() {
	if ! language_is_here "$1"; then
		echo "# no $1 here (scripts/install-deps test): not tried"
		return 1
	fi
	language_build "$1" > "$T/log" 2>&1 && return
	not_ok "$1: builds" "$(cat "$T/log")"
	return 1
}
