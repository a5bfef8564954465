#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vdk auxv: the kernel's vector and the program's own, attached and not, of all kinds of programs.
set -eu
. "$(dirname "$0")/../lib.sh"

need python3 gcc

json() { "$VDK" auxv --json "$1" > "$T/auxv.json" && python3 -c '
import json, sys
a = json.load(open(sys.argv[1]))
s = {e["name"]: e for e in a["saved"]}
o = {e["name"]: e for e in a["own"] or []}
print(eval(sys.argv[2]))' "$T/auxv.json" "$2"; }

# start NAME COMMAND...: in the background; its number is in $NAME.
start() {
	local name=$1

	shift
	"$@" &
	printf -v "$name" %s $!
	at_end "kill ${!name} 2> /dev/null"
}
runs() { wait_for 5 grep -q "$2" "/proc/$1/comm"; }

# --- not attached: both agree, and with what the program itself says ---
capture "$VDK" auxv
is "of itself: exit" 0 "$status"
like "of itself" "^AT_SYSINFO_EHDR +0x[0-9a-f]+ in \[vdso\]" "$out"
like "of itself: they agree" "own vector is the kernel's" "$out"
start plain sleep 300
runs "$plain" sleep
is "plain: verdict" same "$(json "$plain" 'a["verdict"]')"
is "plain: every entry of the kernel's" "$(($(wc -c < "/proc/$plain/auxv") / 16 - 1))" "$(json "$plain" 'len(a["saved"])')"
is "plain: as the loader shows them" "$(LD_SHOW_AUXV=1 /bin/true | sed -n 's/^AT_PAGESZ: *//p;s/^AT_CLKTCK: *//p' | sort -n | xargs)" \
	"$(json "$plain" '" ".join(sorted((s[x]["text"] for x in ("AT_PAGESZ", "AT_CLKTCK")), key=int))')"
like "plain: strings are fetched" 'AT_EXECFN +0x[0-9a-f]+ "[^"]*sleep"' "$("$VDK" auxv "$plain")"

# --- an attached vDSO explains the difference ---
image pass
start attached "$VDK" run --once --vdso "$image" sleep 300
runs "$attached" sleep
capture "$VDK" auxv "$attached"
is "attached: exit" 0 "$status"
like "attached: the own entry" "the program's own: +0x[0-9a-f]+ in $image" "$out"
like "attached: explained" "vdk attached a vDSO: that explains" "$out"
is "attached: verdict" attached "$(json "$attached" 'a["verdict"]')"
is "attached: the kernel keeps its own value" "$(sed -n 's/-.*\[vdso\]/0x/p' "/proc/$attached/maps" | sed 's/\(.*\)0x$/0x\1/' | tr -d ' ' | cut -c1-14)" \
	"$(json "$attached" 's["AT_SYSINFO_EHDR"]["value"]')"
start hidden "$VDK" run --once --vdso none sleep 300
runs "$hidden" sleep
is "hidden: verdict" hidden "$(json "$hidden" 'a["verdict"]')"

# --- other kinds of programs ---
cat > "$T/wait.c" << 'C'
#include <unistd.h>
int main(void) { pause(); return 0; }
C
gcc -static "$T/wait.c" -o "$T/waitstatic"
start static "$VDK" run --once --vdso "$image" "$T/waitstatic"
runs "$static" waitstatic
is "static: verdict" attached "$(json "$static" 'a["verdict"]')"
if gcc -m32 "$T/wait.c" -o "$T/wait32" 2> /dev/null; then
	start narrow "$T/wait32"
	runs "$narrow" wait32
	is "32-bit: verdict" "same 32" "$(json "$narrow" 'a["verdict"] + " " + str(a["word_bits"])')"
fi
env=$(head -c 100000 /dev/zero | tr '\0' e)
BIG=$env start big "$VDK" run --once --vdso "$image" sleep 300
runs "$big" sleep
is "a large environment before it: verdict" attached "$(json "$big" 'a["verdict"]')"

# --- a program that changes its own, without vdk ---
cat > "$T/liar.c" << 'C'
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
extern char **environ;
int main(int argc, char **argv)
{
	char **end = environ;
	Elf64_auxv_t *auxv;

	while (*end)
		end++;
	auxv = (Elf64_auxv_t *)(end + 1);
	for (; auxv->a_type; auxv++)
		if (argc > 2)
			memset(auxv, 0xff, sizeof(*auxv));
		else if (auxv->a_type == AT_SYSINFO_EHDR)
			auxv->a_un.a_val = 0x1234000;
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
C
gcc "$T/liar.c" -o "$T/liar"
start liar "$T/liar" 1 > "$T/liar.out"
wait_for 5 grep -q ready "$T/liar.out"
capture "$VDK" auxv "$liar"
is "changed otherwise: exit" 1 "$status"
like "changed otherwise: words" "no vDSO attached by vdk explains it" "$out"
start wiper "$T/liar" 1 2 > "$T/wiper.out"
wait_for 5 grep -q ready "$T/wiper.out"
capture "$VDK" auxv "$wiper"
is "wiped: exit" 0 "$status"
like "wiped: words" "was not found on its stack" "$out"

capture "$VDK" auxv nobody
is "no number: exit" 2 "$status"
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null; then
	capture setpriv --reuid 65534 --regid 65534 --clear-groups "$VDK" auxv "$plain"
	is "somebody else's: exit" 77 "$status"
fi
finish
