#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Where the kernel does not serve the vsyscall page: which programs are traced, by what their files
# contain, and what an old C library's calls come to; with another time, too.
#
# boot: baked vsyscall=none
# boot: debian
# program: {source}/test/vsyscall/old.c -O2 -pthread
# file: {build}/test/vsyscall/use
# file: {build}/test/vsyscall/libold.so
# timeout: 120
. /rig/lib.sh

use=/rig/files/use
library=/rig/files/libold.so
now() { date +%s; }

tracer() { sed -n 's/^TracerPid:[[:blank:]]*//p'; }
is "a program without the addresses is not traced" 0 \
	"$(vdk run cat /proc/self/status | tracer)"
is "nor is a shell, nor what it starts" 0 "$(vdk run sh -c 'cat /proc/self/status; true' | tracer)"
pid=$(vdk run old tracer)
unlike "one with them is" '^0$' "$pid"
is "also by a shell, which is not" "0 traced" "$(vdk run sh -c '
	grep TracerPid /proc/$$/status; old tracer; true' | tr '\n' ' ' | awk '{ print $2, $3 ? "traced" : "not" }')"

capture "$use"
is "a library's call dies without vdk" 139 "$status"
near "by a library that it needs" "$(now)" "$(vdk run "$use" | head -n 1)" 3
mkdir elsewhere
cp "$use" elsewhere/use
cp "$library" elsewhere/libold.so
near "in a folder beside it" "$(now)" "$(vdk run ./elsewhere/use | head -n 1)" 3
mv elsewhere/libold.so .
near "by LD_LIBRARY_PATH" "$(now)" "$(LD_LIBRARY_PATH=$PWD vdk run ./elsewhere/use | head -n 1)" 3
mkdir -p /usr/lib
cp "$library" /usr/lib/
near "in a folder of the loader's own" "$(now)" "$(vdk run ./elsewhere/use | head -n 1)" 3
rm /usr/lib/libold.so
# `bash` is dynamic here, and of today.
near "by LD_PRELOAD, in a program of today" "$(now)" \
	"$(LD_PRELOAD=$library vdk run bash -c 'printf "%(%s)T\n"')" 3
capture vdk run "$use" "$library"
is "one that it has already" 0 "$status"

cat > plain.sh << 'END'
exec old time
END
near "a script that becomes one" "$(now)" "$(vdk run sh plain.sh)" 3

near "another time" 1000000000 "$(vdk faketime '@1000000000' old time)" 5
near "another time, by a library" 1000000000 "$(vdk faketime '@1000000000' "$use" | head -n 1)" 5

# As another user, whose tree has no_new_privs.
capture su nobody -c 'vdk run old call'
is "as a user" 0 "$status"

capture vdk run --vsyscall=none "$use"
is "to find who calls: exit status" 139 "$status"
like "to find who calls: the library" 'use \([0-9]+\) calls gettimeofday by the vsyscall page .*/libold.so\+0x[0-9a-f]+ in gettimeofday\+0x' "$err"
like "vdk vsyscall tells the mode" 'none' "$(vdk vsyscall)"
finish
