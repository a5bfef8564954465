#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Images by one compiler and one linker, looked at with binutils' own readers and run.
# Arguments: the compiler, the linker, the program test-layout.
set -eu
. "$(dirname "$0")/../lib.sh"

cc=$1
ld=$2
test_layout=$3
need "$cc" readelf nm cmp
case $ld in
	bfd) need ld.bfd ;;
	lld) need ld.lld ;;
esac

build() { # build FOLDER: into $T/NAME.so, with its debug file
	name=$(basename "$1")
	image=$T/$name.so
	capture "$VDK" build "$1" --cc "$cc" --ld "$ld" -o "$image" --debug-file "$T/$name.debug"
	is "$name: built" "0:" "$status:$err"
}

segments() {
	local load

	load=$(readelf -lW "$image" | awk '$1 == "LOAD" { print $2, $3, ($5 == $6), $7 $8 }')
	is "$name: one segment, read and execute, linked at 0" \
		"0x000000 0x0000000000000000 1 RE" "$load"
	is "$name: segments" "DYNAMIC GNU_EH_FRAME GNU_STACK LOAD NOTE" \
		"$(readelf -lW "$image" | awk '/^Program Headers/ { on = 1; next }
			/^$/ { on = 0 } on && $2 ~ /^0x/ { print $1 }' | sort | xargs)"
	like "$name: a shared object" 'Type: +DYN' "$(readelf -h "$image")"
	like "$name: no relocation" 'There are no relocations' "$(readelf -rW "$image")"
	unlike "$name: no dynamic relocation, library, path or debug entry" \
		'\((RELA?|RELR|JMPREL|PLTGOT|NEEDED|RUNPATH|RPATH|TEXTREL|INIT|FINI|DEBUG)\)' \
		"$(readelf -dW "$image")"
}

tables() {
	local dynamic

	dynamic=$(readelf -dW "$image")
	for tag in HASH GNU_HASH STRTAB SYMTAB VERSYM VERDEF; do
		like "$name: DT_$tag" "\\($tag\\)" "$dynamic"
	done
	like "$name: symbols are bound to itself" 'SYMBOLIC' "$dynamic"
	like "$name: SONAME" 'soname: \[linux-vdso.so.1\]' "$dynamic"
	like "$name: base version" 'Flags: BASE +Index: 1 +Cnt: 1 +Name: linux-vdso.so.1' \
		"$(readelf -VW "$image")"
	like "$name: version" 'Index: 2 +Cnt: 1 +Name: LINUX_2.6' "$(readelf -VW "$image")"
	for symbol in clock_gettime gettimeofday time getcpu clock_getres getrandom; do
		like "$name: $symbol" "FUNC +WEAK +DEFAULT +[0-9]+ $symbol@@LINUX_2.6" \
			"$(readelf --dyn-syms -W "$image")"
		like "$name: __vdso_$symbol" "FUNC +GLOBAL +DEFAULT +[0-9]+ __vdso_$symbol@@LINUX_2.6" \
			"$(readelf --dyn-syms -W "$image")"
	done
	unlike "$name: nothing undefined" ' UND [^ ]' "$(readelf --dyn-syms -W "$image")"
	unlike "$name: nothing without size" '^ +[0-9]+: [0-9a-f]+ +0 FUNC' \
		"$(readelf --dyn-syms -W "$image")"
}

pages() {
	local size end count

	size=$(stat -c %s "$image")
	is "$name: whole pages" 0 $((size % 4096))
	end=$(readelf -hW "$image" | awk '/Start of section headers/ { print $5 }')
	count=$(readelf -hW "$image" | awk '/Number of section headers/ { print $5 }')
	end=$((end + 64 * count))
	ok "$name: section headers end at $end of $size"
	[ "$end" -le "$size" ] || not_ok "$name: section headers are in the file"
	load=$(readelf -lW "$image" | awk '$1 == "LOAD" { print $6 }')
	[ "$end" -le $(((load + 4095) / 4096 * 4096)) ] ||
		not_ok "$name: section headers are in the mapped pages" "$end, $load"
	is "$name: the rest is zero" 0 "$(tail -c +$((end + 1)) "$image" | tr -d '\0' | wc -c)"
	unlike "$name: no writable section but .dynamic" ' WAX?|WAT' \
		"$(readelf -SW "$image" | grep -v ' .dynamic ')"
	unlike "$name: a name of sections" 'string table index: +0$' "$(readelf -hW "$image")"
	unlike "$name: no path of this machine" "$T|$VDK_SOURCE_ROOT" "$(strings -a "$image")"
}

debug_file() {
	local ours theirs

	ours=$(readelf -nW "$image" | grep 'Build ID')
	theirs=$(readelf -nW "$T/$name.debug" | grep 'Build ID')
	is "$name: same build-id in the debug file" "$ours" "$theirs"
	like "$name: all symbols" '\.symtab' "$(readelf -SW "$T/$name.debug")"
	[ "$name" = pass ] || # has nothing but assembly
		like "$name: debug information" '\.debug_info' "$(readelf -SW "$T/$name.debug")"
	unlike "$name: none in the image" '\.debug_|\.symtab' "$(readelf -SW "$image")"
	is "$name: same addresses in both" \
		"$(nm -D --defined-only "$image" | grep -v ' A ' | sed 's/@.*//' | sort)" \
		"$(nm --defined-only "$T/$name.debug" | grep -E ' [TW] ' | sed 's/@.*//' | sort)"
	unlike "$name: no path of this machine in the debug file" "$T|$VDK_SOURCE_ROOT" \
		"$(strings -a "$T/$name.debug")"
}

for folder in "$VDK_SOURCE_ROOT"/vdsos/{notb,pass} "$VDK_SOURCE_ROOT"/test/build/alltypes; do
	build "$folder"
	[ -e "$image" ] || continue
	segments
	tables
	pages
	debug_file
done

like "alltypes: a version node of the author's" 'Name: ACME_1.0' "$(readelf -VW "$T/alltypes.so")"
like "alltypes: a function in it" 'FUNC +WEAK .* colour_value@@ACME_1.0' \
	"$(readelf --dyn-syms -W "$T/alltypes.so")"
unlike "alltypes: helpers stay inside" 'difference' "$(readelf --dyn-syms -W "$T/alltypes.so")"
unlike "notb: what it does not need is not in it" ' (memcpy|memset|memmove|memcmp)$' \
	"$(nm "$T/notb.debug")"
is "alltypes: the layout in the image is the compiler's" 0 \
	"$("$test_layout" "$T/alltypes.so" > "$T/layout.log" 2>&1 && echo 0 || cat "$T/layout.log")"

# Linked with the stub and with the image itself; what runs is what is attached.
"$cc" -Wall -Werror -I"$T" "$VDK_SOURCE_ROOT/test/build/calls.c" -o "$T/calls" -L"$T" -lalltypes
capture "$VDK" run --vdso "$T/alltypes.so" -- "$T/calls"
is "the functions give what they should" "0:" "$status:$out$err"
"$cc" -I"$T" "$VDK_SOURCE_ROOT/test/build/calls.c" -o "$T/calls2" "$T/alltypes.so"
capture "$VDK" run --vdso "$T/alltypes.so" -- "$T/calls2"
is "also when linked with the image" "0:" "$status:$out$err"

finish
