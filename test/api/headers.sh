#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each public header stands by itself, in C and in C++; libvdk exports what they declare.
set -eu
. "$(dirname "$0")/../lib.sh"

need gcc g++ nm
include=$VDK_SOURCE_ROOT/include
for header in "$include"/vdk/*.h; do
	name=vdk/$(basename "$header")
	is "$name as C" "" "$(echo "#include <$name>" | gcc -std=gnu11 -Wall -Wextra -Werror -fsyntax-only -I"$include" -xc - 2>&1)"
	case $name in
	# What is compiled into images, hooks and references is C by contract.
	vdk/vdso.h | vdk/record.h | vdk/update.h | vdk/reference.h) continue ;;
	esac
	is "$name as C++" "" "$(echo "#include <$name>" | g++ -std=c++11 -Wall -Wextra -Werror -fsyntax-only -I"$include" -xc++ - 2>&1)"
done

# Headers of libvdk: those of the image's half belong to another library.
for name in attach field layout lookup note page publish report; do
	echo "#include <vdk/$name.h>"
done > "$T/all.c"
gcc -std=gnu11 -I"$include" -aux-info "$T/prototypes" -fsyntax-only "$T/all.c"
declared=$(grep "$include/vdk/" "$T/prototypes" | grep -oE '\<vdk_[a-z_]+ \(' | grep -vF -e 'vdk_function (' |
	tr -d ' (' | sort -u | grep -vxF -f <(grep -hoE 'static inline.*vdk_[a-z_]+\(' "$include"/vdk/*.h | grep -oE 'vdk_[a-z_]+\($' | tr -d '('))
exported=$(nm -D --defined-only "$VDK_BUILD_ROOT/src/libvdk.so" | awk '$2 == "T" {sub("@.*", "", $3); print $3}' | sort -u)
is "libvdk exports what the headers declare" "$declared" "$exported"
finish
