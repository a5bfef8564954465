#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The examples that ask for the true time under a faked one, in five languages: built and run.
set -eu
. "$(dirname "$0")/../lib.sh"

examples=$VDK_SOURCE_ROOT/examples/faketime
lookup=$VDK_SOURCE_ROOT/src/lookup/vdk_lookup.c
vdso=$VDK_BUILD_ROOT/vdsos/faketime
include=(-I "$VDK_SOURCE_ROOT/include" -I "$vdso")

build_c() { cc -O2 -Wall -Werror "${include[@]}" "$examples/truth.c" "$lookup" -o "$T/c"; }
build_musl() { musl-gcc -static -O2 "${include[@]}" "$examples/truth.c" "$lookup" -o "$T/musl"; }
build_cxx() { c++ -std=c++17 -O2 -Wall "${include[@]}" "$examples/truth.cc" -o "$T/cxx" -L "$vdso" -lfaketime; }
# Go is kept from the network and from a go.mod further up.
build_go() {
	mkdir "$T/go-source"
	cp "$examples/truth.go" "$lookup" "$T/go-source"
	(cd "$T/go-source" && CGO_CFLAGS="-O2 ${include[*]}" CGO_ENABLED=1 GO111MODULE=off \
		GOPROXY=off GOCACHE="$VDK_BUILD_ROOT/test/go-cache" go build -o "$T/go")
}
build_python() { cp "$examples/truth.py" "$T/python"; }
build_rust() { /usr/bin/rustc --edition 2021 -O "$examples/truth.rs" -o "$T/rust"; }

here() {
	case $1 in
	c) true ;;
	cxx) command -v c++ ;;
	musl) command -v musl-gcc ;;
	go) command -v go ;;
	python) command -v python3 ;;
	rust) [ -x /usr/bin/rustc ] ;;
	esac > /dev/null
}

for language in c musl cxx go python rust; do
	if ! here $language; then
		echo "# no $language here (scripts/install-deps test): not tried"
		continue
	fi
	if ! "build_$language" > "$T/log" 2>&1; then
		not_ok "$language: builds" "$(cat "$T/log")"
		continue
	fi
	capture "$VDK" faketime --monotonic '@5000 x0' "$T/$language"
	is "$language: exit" 0 "$status"
	is "$language: shown" "shown 5000" "$(sed -n 1p <<< "$out")"
	near "$language: true" "$(date +%s)" "$(sed -n 's/^true //p' <<< "$out")" 5
	if [ $language = cxx ]; then
		continue # needs it at its start
	fi
	capture "$T/$language"
	like "$language: without vdk it says so" 'no faketime in this process' "$out$err"
	near "$language: without vdk" "$(date +%s)" "$(sed -n 's/^shown //p' <<< "$out")" 5
done
finish
