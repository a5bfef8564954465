#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The look-up as others use it: two files copied into a folder of their own, compiled without this
# tree, by each compiler and in each language that is here, static and dynamic.
set -eu

root=${VDK_SOURCE_ROOT:?run by meson test}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp "$root/include/vdk/lookup.h" "$root/src/lookup/vdk_lookup.c" "$dir"
cd "$dir"

cat > main.c <<'END'
#include <stdio.h>
#include "lookup.h"
int main(void)
{
	long (*gettime)(int, long *) =
	        (long (*)(int, long *))vdk_lookup("__vdso_clock_gettime", "LINUX_2.6");
	long now[2] = { 0, 0 };
	struct vdk_lookup_image image;

	if (vdk_lookup_open_self(&image) != 0)
		return puts("no vDSO") < 0;
	if (!gettime || gettime(0, now) != 0 || now[0] == 0)
		return 1;
	return puts("found") < 0;
}
END
cp main.c main.cc

tried=0
try() {
	command -v "$1" > /dev/null || { echo "not here: $1"; return 0; }
	rm -f main
	"$@" -o main -Wall -Wextra -Werror
	echo "$*: $(./main)"
	tried=$((tried + 1))
}

try gcc -std=c99 -pedantic -Wconversion main.c vdk_lookup.c
try gcc -std=c11 -O2 -static main.c vdk_lookup.c
try clang -std=c99 -pedantic -Wconversion main.c vdk_lookup.c
try musl-gcc -std=c11 -static main.c vdk_lookup.c
try musl-gcc -std=c11 main.c vdk_lookup.c
gcc -c vdk_lookup.c
try g++ -std=c++11 -pedantic main.cc vdk_lookup.o
if echo 'int main(void) { return 0; }' | gcc -m32 -x c - -o m32 2> /dev/null; then
	try gcc -m32 main.c vdk_lookup.c
fi
test "$tried" -ge 3
