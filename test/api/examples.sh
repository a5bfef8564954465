#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each example is built outside of the tree, against an installed kit, with what pkg-config says alone.
set -eu
. "$(dirname "$0")/../lib.sh"
need meson pkg-config gcc g++

install_kit "$T/root"
prefix=$(find "$T/root" -name vdk -path '*/bin/vdk' | sed 's,/bin/vdk$,,')
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name vdk.pc)")
export PKG_CONFIG_PATH PATH=$prefix/bin:$PATH
cp -r "$VDK_SOURCE_ROOT/examples" "$T/examples"
export GOCACHE=$VDK_BUILD_ROOT/test/go-cache GO111MODULE=off GOPROXY=off GOFLAGS=
unset VDK VDK_SOURCE_ROOT VDK_BUILD_ROOT

ask() { pkg-config "$@" vdk; }
cflags=$(ask --cflags)
lookup=$(ask --variable=lookup)
vdsodir=$(ask --variable=vdsodir)
ready=$(ask --variable=includedir)/vdk/vdsos

# built WHAT COMMAND...
built() {
	local what=$1

	shift
	capture "$@"
	is "$what" "0 " "$status $out$err"
}

# A program of an example: it may call what the example's vDSO declares, or look it up.
build_program() { # build_program FOLDER SOURCE
	local vdso=$1 source=$2 files=("$2")

	! grep -q vdk/lookup.h "$source" || files+=("$lookup")
	case $source in
	*.c) built "$vdso/$source" gcc -Wall -Wextra -Werror "${files[@]}" $cflags -I. -I"$ready" -o "$source.bin" -L. \
		-L"$vdsodir" $(ask --libs) -Wl,--as-needed "-l$vdso" ;;
	*.cc) built "$vdso/$source" g++ -std=c++17 -Wall -Wextra "${files[@]}" $cflags -I. -I"$ready" -o "$source.bin" -L. \
		-L"$vdsodir" $(ask --libs) -Wl,--as-needed "-l$vdso" ;;
	*.go)
		command -v go > /dev/null || return 0
		mkdir "go-$source"
		cp "${files[@]}" "go-$source"
		built "$vdso/$source" env -C "go-$source" CGO_CFLAGS="$cflags -I$ready" go build -o "../$source.bin"
		;;
	*.rs)
		[ -x /usr/bin/rustc ] || return 0
		built "$vdso/$source" /usr/bin/rustc --edition 2021 -O "$source" -o "$source.bin"
		;;
	*.py) built "$vdso/$source" python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' "$source" ;;
	esac
}

for folder in "$T"/examples/*; do
	name=${folder##*/}
	cd "$folder"
	programs=$(ls | grep -E '\.(c|cc|go|rs|py)$' | grep -vE '\.(vdso|update|reference|bpf)\.c$' || true)
	if [ -e "$name.vdso.c" ]; then
		built "$name: its image" vdk build "$folder" -o "$name.so"
		like "... which the checker finds clean" ' 0 errors, 0 warnings' "$(vdk check "$name.so")"
	elif ! [ -e "$vdsodir/$name.so" ]; then
		not_ok "$name: its image" "neither built here nor a ready one"
	fi
	for source in $programs; do
		build_program "$name" "$source"
	done
done
finish
