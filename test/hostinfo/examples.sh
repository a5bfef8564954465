#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The examples, in five languages: built, run, and told the same as the files say.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

examples=$VDK_SOURCE_ROOT/examples/hostinfo
lookup=$VDK_SOURCE_ROOT/src/lookup/vdk_lookup.c

build_c() { cc -O2 -Wall -Werror "${hostinfo_include[@]}" "$examples/show.c" "$lookup" -o "$T/c"; }
build_musl() { musl-gcc -static -O2 "${hostinfo_include[@]}" "$examples/show.c" "$lookup" -o "$T/musl"; }
build_cxx() {
	c++ -std=c++17 -O2 -Wall "${hostinfo_include[@]}" "$examples/show.cc" -o "$T/cxx" -L "${image%/*}" -lhostinfo
}
# Go is kept from the network and from a go.mod further up.
build_go() {
	mkdir "$T/go-source"
	cp "$examples/show.go" "$lookup" "$T/go-source"
	(cd "$T/go-source" && CGO_CFLAGS="-O2 ${hostinfo_include[*]}" CGO_ENABLED=1 GO111MODULE=off \
		GOPROXY=off GOCACHE="$VDK_BUILD_ROOT/test/go-cache" go build -o "$T/go")
}
build_python() { cp "$examples/show.py" "$T/python"; }
build_rust() { /usr/bin/rustc --edition 2021 -O "$examples/show.rs" -o "$T/rust"; }

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

start
total=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo) * 1024))
for language in c musl cxx go python rust; do
	if ! here $language; then
		echo "# no $language here (scripts/install-deps test): not tried"
		continue
	fi
	if ! "build_$language" > "$T/log" 2>&1; then
		not_ok "$language: builds" "$(cat "$T/log")"
		continue
	fi
	capture "$VDK" run --vdso hostinfo -- "$T/$language"
	is "$language: exit" 0 "$status"
	is "$language: total" "total $total" "$(sed -n 1p <<< "$out")"
	near "$language: available" \
		$(($(sed -n 's/^MemAvailable: *\([0-9]*\) kB$/\1/p' /proc/meminfo) * 1024)) \
		"$(sed -n 's/^available //p' <<< "$out")" $((total / 10))
	is "$language: hostname" "hostname $(cat /proc/sys/kernel/hostname)" "$(sed -n 3p <<< "$out")"
	if [ $language = cxx ]; then
		continue # needs it at its start
	fi
	capture "$T/$language"
	like "$language: without vdk it says so" "no hostinfo|not attached|function not implemented" "$out$err"
done

stop
sleep 0.6
for language in c go python rust; do
	[ -e "$T/$language" ] || continue
	capture "$VDK" run --vdso hostinfo -- "$T/$language"
	like "$language: a stale page has a sign" "[Ss]tale (NFS )?file handle|nobody publishes" "$out$err"
done
finish
