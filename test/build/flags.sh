#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# `vdk flags`: the same image by other people's build systems. Arguments: the compiler, the linker.
set -eu
. "$(dirname "$0")/../lib.sh"

cc=$1
ld=$2
need "$cc" make cmp
export TMPDIR=$T/tmp
mkdir "$TMPDIR"
cp -r "$VDK_SOURCE_ROOT/test/build/alltypes" "$T/alltypes"
cd "$T"
"$VDK" build alltypes --cc "$cc" --ld "$ld" -o direct/alltypes.so 2> /dev/null && not_ok "no folder is made"
mkdir direct finished linked
capture "$VDK" build alltypes --cc "$cc" --ld "$ld" -o direct/alltypes.so
is "vdk build" "0:" "$status:$err"

# A make file as its user would write it: objects by itself, the kit finishes or only helps.
cat > Makefile << 'END'
OBJECTS = alltypes.o helper.o
PAGE = alltypes/alltypes.page.h

%.o: alltypes/%.vdso.c $(PAGE)
	$(CC) $(shell $(VDK) flags --cflags --cc $(CC)) -c $< -o $@

finished/alltypes.so: $(OBJECTS)
	$(VDK) build $^ --page $(PAGE) --cc $(CC) --ld $(LD) -o $@

parts: $(OBJECTS)
	$(VDK) flags --script $@ --name alltypes --page $(PAGE) --cc $(CC) $^

linked/alltypes.so: parts $(OBJECTS)
	$(CC) $(OBJECTS) $$($(VDK) flags --ldflags parts --cc $(CC) --ld $(LD)) -s -o $@
	truncate -s %4096 $@
END
capture make -s CC="$cc" LD="$ld" finished/alltypes.so linked/alltypes.so
is "make" "0:" "$status:$err"
for kind in direct finished linked; do
	[ -e "$kind/alltypes.so" ] || continue
	capture "$VDK" check "$kind/alltypes.so"
	is "$kind: vdk check" 0 "$status"
	"$cc" -Idirect "$VDK_SOURCE_ROOT/test/build/calls.c" -o "$kind/calls" -Ldirect -lalltypes
	capture "$VDK" run --vdso "$kind/alltypes.so" -- "$kind/calls"
	is "$kind: the functions give what they should" "0:" "$status:$out$err"
done
cmp direct/alltypes.so finished/alltypes.so && ok "objects give the same image as the folder" ||
	not_ok "objects give the same image as the folder"
cmp finished/alltypes.so linked/alltypes.so && ok "and so does an own link line" ||
	not_ok "and so does an own link line"

capture "$VDK" flags --cflags --cc "$cc"
like "--cflags keeps the rules" '-ffreestanding .*-fno-stack-protector' "$out"
capture "$VDK" flags --cflags --ldflags
is "--ldflags without a folder" 2 "$status"
capture "$VDK" flags
is "nothing asked for" 2 "$status"
like "says what it can do" '--cflags' "$err"
mkdir empty
capture "$VDK" flags --ldflags empty
is "a folder without scripts" 3 "$status"
like "says what makes them" 'vdk flags --script empty' "$err"
capture "$VDK" flags --ldflags missing
is "no such folder" 3 "$status"
capture "$VDK" flags --cflags --cc "$T/no-such-compiler"
is "no such compiler" 3 "$status"
like "names it" 'no-such-compiler: cannot be started' "$err"
capture "$VDK" flags --script parts2
is "--script without objects" 2 "$status"

# Objects that were not compiled with these flags are refused in words.
refused() { # refused WHAT REGEX FLAG...
	local what=$1 regex=$2

	shift 2
	"$cc" -I"$VDK_SOURCE_ROOT/include" -O1 -fvisibility=hidden "$@" -c plain.c -o plain.o
	capture "$VDK" build plain.o --cc "$cc" -o plain.so
	is "$what: refused" 2 "$status"
	like "$what: says why" "$regex" "$err"
	[ ! -e plain.so ] || not_ok "$what: nothing written"
}
cat > plain.c << 'END'
#include <vdk/vdso.h>
static const int values[] = {1, 2, 3};
VDK_FUNCTION(int, plain, (int i)) { char text[64]; for (int k = 0; k < 64; k++) text[k] = i * values[k % 3]; __asm__ volatile("" :: "r"(text)); return text[i & 63]; }
END
refused 'stack protector' 'plain\.o: function __vdso_plain was compiled with a stack protector' \
	-fPIC -fstack-protector-all
refused 'address sanitizer' 'sanitizer|constructor|writable' -fPIC -fsanitize=address
refused 'position-dependent code' 'absolute address' -fno-pic -mcmodel=large -fno-stack-protector
refused '-flto' 'flto' -fPIC -flto
refused '-pg' '-pg' -fPIC -pg -fno-stack-protector
sed -i 's/static const/static/' plain.c
"$cc" -m32 -c -x c /dev/null -o small.o 2> /dev/null && {
	capture "$VDK" build small.o --cc "$cc" -o plain.so
	is "a 32-bit object" 2 "$status"
	like "says so" 'small\.o: not a 64-bit x86-64 object' "$err"
}
head -c 100 finished/alltypes.so > cut.o
capture "$VDK" build cut.o --cc "$cc" -o plain.so
is "a cut object" 2 "$status"
: > nothing.o
capture "$VDK" build nothing.o --cc "$cc" -o plain.so
is "an empty object" 2 "$status"
is "nothing left" "" "$(ls -A "$TMPDIR")"
finish
