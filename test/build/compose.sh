#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Several sources make one image with several records; names with blanks; every size of image.
set -eu
. "$(dirname "$0")/../lib.sh"

need readelf
mkdir "$T/one" "$T/two words"
cat > "$T/common.page.h" << 'END'
#ifndef COMMON_PAGE_H
#define COMMON_PAGE_H
#include <vdk/record.h>
struct shared { int32_t value; };
VDK_RECORD(shared);
#endif
END
for part in one two; do
	folder=$T/$part
	[ -d "$folder" ] || folder="$T/two words"
	cat > "$folder/$part.page.h" << END
#ifndef ${part}_PAGE_H
#define ${part}_PAGE_H
#include "../common.page.h"
struct $part { int64_t value; char text[8]; };
VDK_RECORD($part);
#endif
END
	cat > "$folder/$part.vdso.c" << END
#include <vdk/vdso.h>
#include "$part.page.h"
VDK_FUNCTION(long, ${part}_value, (void))
{
	struct $part now;
	struct shared shared;
	return vdk_read($part, &now) ?: vdk_read(shared, &shared) ?: now.value + shared.value;
}
END
done

for part in one two; do
	folder=$T/$part
	[ -d "$folder" ] || folder="$T/two words"
	cat > "$folder/$part.update.c" << END
#include <string.h>
#include <vdk/update.h>
#include "$part.page.h"
VDK_UPDATE(u)
{
	struct $part now = {.value = ${#part} * 100};
	struct shared shared = {u->count + 7};
	strncpy(now.text, "$part", sizeof(now.text));
	vdk_write(u, $part, &now);
	vdk_write(u, shared, &shared);
}
END
done

capture "$VDK" build "$T/one" "$T/two words" -o "$T/both.so"
is "two folders make one image" "0:" "$status:$err"
names=$(strings -a -n 3 "$T/both.so")
for record in shared one two; do
	like "record $record" "^$record\$" "$names"
done
is "a record that both headers include is there once" 1 "$(grep -c '^shared$' <<< "$names")"
for function in one_value two_value; do
	like "function $function" "FUNC .* $function@@LINUX_2.6" \
		"$(readelf --dyn-syms -W "$T/both.so")"
done

capture "$VDK" build "$T/one/one.vdso.c" "$T/two words/two.vdso.c" --page "$T/one/one.page.h" \
	--page "$T/two words/two.page.h" -o "$T/files.so" --name both
is "so do their files" "0:" "$status:$err"
cmp "$T/both.so" "$T/files.so" && ok "into the same image" || not_ok "into the same image"

# Both hooks run, one after the other.
capture "$VDK" publish both "$T/both.so" --once
is "publish" "0:" "$status:$err"
capture "$VDK" get both
like "the first hook wrote" "one\\.text.*one" "$out"
like "and so did the second" "two\\.text.*two" "$out"
cat > "$T/main.c" << 'END'
#include "both.h"
int main(void) { return one_value() == 307 && two_value() == 307 ? 0 : 1; }
END
cc -I"$T" "$T/main.c" -o "$T/main" -L"$T" -lboth
capture "$VDK" run --vdso both -- "$T/main"
is "a program reads both" 0 "$status"

# The segment's end goes over every part of a page; the build looks after the section headers, and
# `vdk build` fails where they are not in the mapped pages.
mkdir "$T/sizes"
failed=
for ld in bfd lld; do
	command -v ld.$ld > /dev/null || continue
	for size in $(seq 100 240 4200); do
		cat > "$T/sizes/s.vdso.c" << END
#include <vdk/vdso.h>
static const char bytes[$size] = {1, 2, 3};
VDK_FUNCTION(int, get, (unsigned i)) { return bytes[i % $size]; }
END
		"$VDK" build "$T/sizes" --ld $ld -o "$T/s.so" > "$T/log" 2>&1 ||
			failed="$failed $ld:$size:$(cat "$T/log")"
	done
done
is "images of every size" "" "$failed"
finish
