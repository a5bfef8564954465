#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What an author does wrong in an update hook is a compile error that says what is wrong.
set -eu
. "$(dirname "$0")/../lib.sh"

here=$(cd "$(dirname "$0")" && pwd)
compiles() { # compiles CC STATEMENTS: compile a hook of them; messages in $err
	cat > "$T/hook.c" <<- C
		#include <vdk/update.h>
		#include "sample.page.h"
		struct loose { int a; };
		struct many { uint64_t a; };
		VDK_RECORDS(many, 5);
		VDK_UPDATE(u)
		{
			$2
		}
	C
	capture "$1" -std=gnu11 -Wall -Wextra -Werror -shared -fPIC -I"$VDK_SOURCE_ROOT/include" \
		-I"$here/sample" -o "$T/hook.so" "$T/hook.c"
}

for cc in gcc clang; do
	command -v "$cc" > /dev/null || continue
	compiles "$cc" 'struct pair now = {1, 2, 3}; vdk_last(u, pair, &now); vdk_write(u, pair, &now);'
	is "$cc: a good hook" "0 " "$status $err"
	compiles "$cc" 'const struct pair now = {1, 2, 3}; if (vdk_write(u, pair, &now)) vdk_update_fail(u, -5);'
	is "$cc: a constant value" "0 " "$status $err"
	compiles "$cc" 'struct wide now = {0}; vdk_write(u, pair, &now);'
	like "$cc: another record's struct" 'vdk_write\(pair\): the value must point to a struct pair' "$err"
	compiles "$cc" 'struct wide now; vdk_last(u, pair, &now); (void)now;'
	like "$cc: the same for vdk_last" 'vdk_last\(pair\): the value must point to a struct pair' "$err"
	compiles "$cc" 'struct many now; vdk_last_at(u, many, 2, &now); vdk_write_at(u, many, u->count, &now);'
	is "$cc: a good hook of a list" "0 " "$status $err"
	compiles "$cc" 'struct many now = {1}; vdk_write(u, many, &now);'
	like "$cc: a list without an index" 'vdk_write\(many\): many is a list; say which record of it, with vdk_write_at\(u, many, index, ' "$err"
	compiles "$cc" 'struct wide now = {0}; vdk_write_at(u, many, 1, &now);'
	like "$cc: another struct in a list" 'vdk_write_at\(many\): the value must point to a struct many' "$err"
	compiles "$cc" 'struct loose now = {0}; vdk_write(u, loose, &now);'
	like "$cc: a struct that is no record" 'vdk_record_loose' "$err"
done
finish
