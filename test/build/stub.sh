#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The link stub and the header: a program links against the author's functions alone, by either
# linker, in C and in C++, and libc keeps its own. Arguments: the compiler, the linker.
set -eu
. "$(dirname "$0")/../lib.sh"

cc=$1
ld=$2
need "$cc" readelf nm g++

mkdir "$T/case"
cat > "$T/case/t.page.h" << 'END'
#include <vdk/record.h>
struct inner { int16_t a[2]; };
struct t { struct inner in; bool on; char text[5]; };
VDK_RECORD(t);
END
cat > "$T/case/t.vdso.c" << 'END'
#include <time.h>
#include <vdk/vdso.h>
#include "t.page.h"
struct other;
VDK_FUNCTION(int, t_get, (struct t *out, struct inner *in, const struct other *unknown))
{
	int error = vdk_read(t, out);
	*in = out->in;
	return unknown ? -22 : error;
}
VDK_FUNCTION_VERSION("ACME_2.5", const char *, t_text, (void)) { return "text"; }
VDK_FUNCTION(int, clock_gettime, (int clock, struct timespec *time))
{
	if (clock == 1234) {
		time->tv_sec = 4321;
		return 0;
	}
	return vdk_chain(clock_gettime)(clock, time);
}
END
capture "$VDK" build "$T/case" --cc "$cc" --ld "$ld" -o "$T/t.so"
is "built" "0:" "$status:$err"

stub=$(readelf --dyn-syms -W "$T/libt.so")
like "SONAME of the vDSO" 'soname: \[linux-vdso.so.1\]' "$(readelf -dW "$T/libt.so")"
like "the author's function" 'FUNC +WEAK .* t_get@@LINUX_2.6' "$stub"
like "its strong name" 'FUNC +GLOBAL .* __vdso_t_get@@LINUX_2.6' "$stub"
like "under its own version" 't_text@@ACME_2.5' "$stub"
unlike "no standard function, not even the overridden one" 'clock_|time|getcpu|getrandom' "$stub"
like "but the image has it" 'FUNC +WEAK .* clock_gettime@@LINUX_2.6' \
	"$(readelf --dyn-syms -W "$T/t.so")"

like "the header has the structs of a prototype" 'struct inner in;' "$(cat "$T/t.h")"
like "and declares what it does not know" '^struct other;' "$(cat "$T/t.h")"
unlike "and no standard function" 'clock_gettime' "$(cat "$T/t.h")"

cat > "$T/main.c" << 'END'
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "t.h"
int main(void)
{
	struct t t;
	struct inner in;
	struct timespec now;
	int seen = clock_gettime((clockid_t)1234, &now);

	if (t_get(&t, &in, NULL) != -61 || strcmp(t_text(), "text"))
		return 1;
	/* libc asks the attached image, and turns its answers into its own convention. */
	if (seen != 0 || now.tv_sec != 4321)
		return 2;
	if (clock_gettime((clockid_t)4567, &now) != -1 || errno != EINVAL)
		return 3;
	return 0;
}
END
cp "$T/main.c" "$T/main.cc"
"$cc" -Wall -Wextra -Werror -std=c99 -pedantic-errors -D_GNU_SOURCE -Wno-c11-extensions \
	-Wno-pedantic -I"$T" "$T/main.c" -o "$T/main" -fuse-ld="$ld" -L"$T" -lt
g++ -Wall -Wextra -Werror -std=c++11 -I"$T" "$T/main.cc" -o "$T/main++" -fuse-ld="$ld" -L"$T" -lt
like "clock_gettime stays libc's" 'clock_gettime@GLIBC' "$(nm -D "$T/main")"
for program in main main++; do
	capture "$VDK" run --vdso "$T/t.so" -- "$T/$program"
	is "$program runs" "0:" "$status:$err"
	capture "$T/$program"
	like "$program without the vDSO: the loader says what is missing" \
		'undefined symbol: t_(get|text)|version .ACME_2.5. not found' "$err"
done
finish
