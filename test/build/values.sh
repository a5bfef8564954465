#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Values of every type, from `vdk set` through the page into a program. Argument: the compiler.
set -eu
. "$(dirname "$0")/../lib.sh"

cc=$1
need "$cc"
capture "$VDK" build "$VDK_SOURCE_ROOT/test/build/alltypes" --cc "$cc" -o "$T/alltypes.so"
is "built" "0:" "$status:$err"
"$cc" -Wall -Werror -I"$T" "$VDK_SOURCE_ROOT/test/build/values.c" -o "$T/values" -L"$T" -lalltypes
capture "$VDK" publish alltypes "$T/alltypes.so"
is "published" "0:" "$status:$err"
capture "$VDK" set alltypes \
	plain.i8=-128 plain.i16=-32768 plain.i32=-2147483648 plain.i64=-9223372036854775808 \
	plain.u8=255 plain.u16=65535 plain.u32=4294967295 plain.u64=18446744073709551615 \
	plain.ull=18446744073709551614 plain.l=9223372036854775807 plain.f32=1.5 plain.f64=-0.1 \
	plain.truth=true plain.letter=65 plain.qualified=-7 \
	'text.name=fifteen letters' 'text.lines[0]=first line' 'text.lines[2]=third' \
	'text.labels[1]=twelve chars' text.bytes=-1,-2,-3,-4,-5 'text.more_bytes[4]=255' \
	text.colour=7 text.sign=-1 \
	nested.best.x=1.25 nested.best.y=-2.5 'nested.levels[2].count=22' \
	'nested.levels[1].at.y=11.5' 'nested.levels[0].promoted=-9' \
	'nested.levels[2].unnamed_type.inner=3' 'nested.levels[2].unnamed_type.flags[3]=true' \
	'nested.grid[1][0].y=10' nested.matrix=1,2,3,4,5,6,7,8,9,10,11,12 \
	nested.triples=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 nested.one=0.5 \
	'big.values[0]=1' 'big.values[2047]=0x123456789abcdef0'
is "set" "0:" "$status:$err"
capture "$VDK" run --vdso alltypes -- "$T/values"
is "the program reads what was set" "0:" "$status:$out$err"
finish
