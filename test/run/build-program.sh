#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# build-program.sh NAME FILE - compile one of the test programs of this folder
#
# NAME is a source's name, or KIND of the probe: glibc, static, static-pie, musl, musl-static,
# i386, go, cgo, cxx, rust, java. Exits 77 when the compiler is not here.
set -eu

here=$(cd "$(dirname "$0")/programs" && pwd)
root=$(cd "$here/../../.." && pwd)
name=$1
file=$2
lookup=(-I "$root/include" "$root/src/lookup/vdk_lookup.c")
c_flags=(-O2 -g -Wall -D_GNU_SOURCE)

need() {
	command -v "$1" > /dev/null || { echo "no $1 here (scripts/install-deps test)"; exit 77; }
}

# Go is kept from the network and from a go.mod that it might look for further up.
go_build() {
	need go
	(cd "$here" && GOFLAGS=-mod=mod GO111MODULE=off GOPROXY=off CGO_CFLAGS="-g -O2 -I$root/include -I$root/src/lookup" \
		CGO_ENABLED=$1 go build -o "$file" "${@:2}")
}

cd "$here"
case $name in
glibc) gcc "${c_flags[@]}" probe.c "${lookup[@]}" -o "$file" ;;
static) gcc "${c_flags[@]}" -static probe.c "${lookup[@]}" -o "$file" ;;
static-pie) gcc "${c_flags[@]}" -static-pie -fPIE probe.c "${lookup[@]}" -o "$file" ;;
musl)
	need musl-gcc
	musl-gcc "${c_flags[@]}" probe.c "${lookup[@]}" -o "$file"
	;;
musl-static)
	need musl-gcc
	musl-gcc "${c_flags[@]}" -static probe.c "${lookup[@]}" -o "$file"
	;;
i386) gcc -m32 "${c_flags[@]}" probe.c "${lookup[@]}" -o "$file" ;;
go) go_build 0 probe.go probe-pure.go ;;
cgo) go_build 1 probe.go probe-cgo.go ;;
cxx)
	need g++
	g++ -O2 -g -Wall -pthread probe.cc -o "$file"
	;;
rust)
	[ -x /usr/bin/rustc ] || { echo "no rustc here (scripts/install-deps test)"; exit 77; }
	/usr/bin/rustc --edition 2021 -O probe.rs -o "$file"
	;;
plugin) gcc "${c_flags[@]}" -shared -fPIC plugin.c -o "$file" ;;
*) gcc "${c_flags[@]}" -pthread "$name.c" "${lookup[@]}" -o "$file" ;;
esac
