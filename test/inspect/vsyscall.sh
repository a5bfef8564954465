#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vdk vsyscall: the mode against the kernel's own list and a real call; programs that use the page.
set -eu
. "$(dirname "$0")/../lib.sh"

need python3 gcc

# What the mode is, by a program that calls and reads the page and may die of it.
cat > "$T/probe.c" << 'C'
#include <string.h>
#include <time.h>
int main(int argc, char **argv)
{
	if (argc > 1)
		return *(volatile unsigned char *)0xffffffffff600000 == 256;
	return ((time_t (*)(time_t *))0xffffffffff600400)(0) < 1000000;
}
C
gcc -O1 "$T/probe.c" -o "$T/probe"
calls=$("$T/probe" 2> /dev/null && echo yes || echo no)
reads=$("$T/probe" read 2> /dev/null && echo yes || echo no)
case $calls$reads in
yesyes) expected=emulate ;;
yesno) expected=xonly ;;
*) expected=none ;;
esac

capture "$VDK" vsyscall
is "exit" 0 "$status"
like "the mode, as a call and a read find it" "^mode: $expected:" "$out"
like "the entries" "ffffffffff600400  time" "$out"
like "the cost of a system call" "system call +[0-9.]+ ns" "$out"
if [ "$expected" = none ]; then
	like "no call possible" "vsyscall +not possible" "$out"
else
	like "the cost of a vsyscall" "vsyscall +[0-9.]+ ns" "$out"
fi
is "in JSON" "$expected 3" "$("$VDK" vsyscall --json | python3 -c 'import json,sys; v = json.load(sys.stdin); print(v["mode"], len(v["entries"]))')"

# --- who uses it ---
capture "$VDK" vsyscall "$T/probe"
is "a program that calls it: exit" 1 "$status"
like "a program that calls it: which" "probe: offset 0x[0-9a-f]+: time \(0xffffffffff600400\)" "$out"
capture "$VDK" vsyscall /bin/true
is "one that does not: exit" 0 "$status"
like "one that does not: words" "none of the fixed addresses" "$out"
cat > "$T/table.c" << 'C'
#include <unistd.h>
const volatile unsigned long table[] = {1, 0xffffffffff600800};
int main(void) { pause(); return (int)table[0]; }
C
gcc -O1 "$T/table.c" -o "$T/table"
"$T/table" &
table=$!
at_end 'kill $table'
wait_for 5 grep -q table "/proc/$table/comm"
capture "$VDK" vsyscall "$table"
is "a process with a table: exit" 1 "$status"
like "a process with a table: which" "table 0x[0-9a-f]+: getcpu" "$out"
is "in JSON" "getcpu" "$("$VDK" vsyscall --json "$table" | python3 -c 'import json,sys; print(json.load(sys.stdin)["found"][0]["function"])')"
sleep 300 &
plain=$!
at_end 'kill $plain'
wait_for 5 grep -q sleep "/proc/$plain/comm"
capture "$VDK" vsyscall "$plain"
is "a process that does not use it: exit" 0 "$status"
capture "$VDK" vsyscall --running
is "among all processes: exit" 1 "$status"
like "among all processes: which" "^$table \\(table\\): $T/table: [0-9]+ places?, first at offset 0x[0-9a-f]+: getcpu" "$out"
unlike "and no other" "^$plain " "$out"
like "how many" "^[0-9]+ processes with [0-9]+ files looked into" "$out"
is "in JSON" "getcpu" "$("$VDK" vsyscall --json --running | python3 -c "
import json, sys
print(next(f['function'] for f in json.load(sys.stdin)['found'] if f['pid'] == $table))")"
capture "$VDK" vsyscall --running "$plain"
is "with a process: exit" 2 "$status"
capture "$VDK" vsyscall "$T/none"
is "no such file: exit" 3 "$status"
finish
