#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vdk dump, symbols and diff: agree with readelf and objdump, attached and not, hostile processes.
set -eu
. "$(dirname "$0")/../lib.sh"

need python3 gcc readelf objdump

start() {
	local name=$1

	shift
	"$@" &
	printf -v "$name" %s $!
	at_end "kill ${!name} 2> /dev/null"
}
runs() { wait_for 5 grep -q "$2" "/proc/$1/comm"; }

# The lines of readelf, reduced to what both tell: value, size, type, binding, name with version.
by_readelf() {
	readelf --dyn-syms -W "$1" | awk '$1 ~ /^[0-9]+:$/ && $1 != "0:" {
		sub(/^0x/, "", $3); print $2, $3 + 0, $4, $5, $8}' | sort
}
by_vdk() {
	"$VDK" symbols "$@" | awk 'NR > 1 {print $1, $2, $3, $4, $5}' | sort
}

start plain sleep 300
runs "$plain" sleep

# --- dump ---
capture "$VDK" dump "$plain" -o "$T/kernel.so"
is "dump: exit" 0 "$status"
is "dump: whole pages, as mapped" "$(awk -F'[- ]' '/\[vdso\]/ {print strtonum("0x" $2) - strtonum("0x" $1)}' "/proc/$plain/maps" 2> /dev/null || python3 - "$plain" << 'PY'
import sys
line = [l for l in open("/proc/%s/maps" % sys.argv[1]) if "[vdso]" in l][0]
a, b = (int(x, 16) for x in line.split()[0].split("-"))
print(b - a)
PY
)" "$(stat -c %s "$T/kernel.so")"
is "dump: the very bytes" "" "$(python3 - "$plain" "$T/kernel.so" << 'PY'
import sys
line = [l for l in open("/proc/%s/maps" % sys.argv[1]) if "[vdso]" in l][0]
a, b = (int(x, 16) for x in line.split()[0].split("-"))
mem = open("/proc/%s/mem" % sys.argv[1], "rb", 0)
mem.seek(a)
if mem.read(b - a) != open(sys.argv[2], "rb").read(): print("other bytes")
PY
)"
is "dump: to standard output" "$(cksum < "$T/kernel.so")" "$("$VDK" dump -o - | cksum)"
is "dump: the checker takes it" 0 "$("$VDK" check -q "$T/kernel.so"; echo $?)"
capture "$VDK" dump "$plain" -o "$T/none/x.so"
is "dump: no such folder: exit" 3 "$status"
is "dump: without -o: exit" 2 "$("$VDK" dump 2> /dev/null; echo $?)"
is "dump: nothing is left beside" "" "$(find "$T" -name '*.so.*')"

# --- symbols agree with the old tools ---
libc=$(ldd /bin/true | awk '/libc.so/ {print $3}')
image notb
notb=$image
for file in "$T/kernel.so" "$notb" "$libc" /lib64/ld-linux-x86-64.so.2; do
	is "symbols of ${file##*/}: as readelf" "$(by_readelf "$file")" "$(by_vdk "$file")"
done
is "symbols of a process: as its dump's" "$(by_readelf "$T/kernel.so")" "$(by_vdk "$plain")"
is "symbols: as objdump -T" \
	"$(objdump -T "$notb" | grep -E '^[0-9a-f]{16} ' | awk '{print $1, $NF}' | sort)" \
	"$("$VDK" symbols "$notb" | awk 'NR > 1 {sub("@.*", "", $5); print $1, $5}' | sort)"
is "symbols: build id" "$(readelf -n "$T/kernel.so" 2> /dev/null | sed -n 's/.*Build ID: //p')" \
	"$("$VDK" symbols --json "$T/kernel.so" | python3 -c 'import json,sys; print(json.load(sys.stdin)["build_id"] or "")')"
read -r value size <<< "$(readelf --dyn-syms -W "$notb" | awk '$8 ~ /^vget_number_of_the_beast/ {print $2, $3; exit}')"
is "disassembly: as many instructions as objdump" \
	"$(objdump -d --no-show-raw-insn --start-address=0x$value --stop-address=$((16#$value + size)) "$notb" | grep -cE '^ +[0-9a-f]+:')" \
	"$("$VDK" symbols --disassemble "$notb" | awk '/ vget_number_of_the_beast/ {on = 1; next} /^[0-9a-f]/ {on = 0} on' | wc -l)"
"$VDK" symbols --disassemble --json "$plain" | python3 -c 'import json,sys; assert [s for s in json.load(sys.stdin)["symbols"] if s.get("code")]' &&
	ok "disassembly in JSON" || not_ok "disassembly in JSON"

# --- attached, static, Go, 32-bit ---
start attached "$VDK" run --once --vdso "$notb" sleep 300
runs "$attached" sleep
"$VDK" dump "$attached" -o "$T/attached.so"
is "attached: its own image" "$(cksum < "$notb")" "$(cksum < "$T/attached.so")"
"$VDK" dump --kernel "$attached" -o "$T/attached-kernel.so"
is "attached: --kernel is the kernel's" "$(cksum < "$T/kernel.so")" "$(cksum < "$T/attached-kernel.so")"
like "attached: symbols" "vget_number_of_the_beast@@" "$("$VDK" symbols "$attached")"
unlike "attached: the kernel's symbols" "number_of_the_beast" "$("$VDK" symbols --kernel "$attached")"
cat > "$T/wait.c" << 'C'
#include <unistd.h>
int main(void) { pause(); return 0; }
C
gcc -static "$T/wait.c" -o "$T/waitstatic"
start static "$T/waitstatic"
runs "$static" waitstatic
is "static: the kernel's" 0 "$("$VDK" diff "$static" "$plain" > /dev/null; echo $?)"
if gcc -m32 "$T/wait.c" -o "$T/wait32" 2> /dev/null; then
	start narrow "$T/wait32"
	runs "$narrow" wait32
	"$VDK" dump "$narrow" -o "$T/narrow.so"
	is "32-bit: as readelf" "$(by_readelf "$T/narrow.so")" "$(by_vdk "$narrow")"
fi
if command -v go > /dev/null; then
	cat > "$T/wait.go" << 'GO'
package main

import "time"

func main() { time.Sleep(300 * time.Second) }
GO
	if (cd "$T" && HOME=$T GOCACHE=$T/go GOFLAGS='' go build -o waitgo wait.go 2> "$T/go.log"); then
		start go "$VDK" run --once --vdso "$notb" "$T/waitgo"
		runs "$go" waitgo
		is "Go: its image" 0 "$("$VDK" diff "$go" "$notb" > /dev/null; echo $?)"
		like "Go: its mappings" "a vDSO attached by vdk" "$("$VDK" maps "$go")"
	fi
fi

# --- diff ---
capture "$VDK" diff "$plain" "$T/kernel.so"
is "diff: a process and its dump: exit" 0 "$status"
like "diff: says so" "are the same" "$out"
capture "$VDK" diff "$plain" "$attached"
is "diff: others: exit" 1 "$status"
like "diff: what only one has" "^vget_number_of_the_beast: symbol: - \| LINUX_2.6" "$out"
like "diff: sizes" "^clock_gettime: size: [0-9]+ \| [0-9]+" "$out"
is "diff --kernel: the same: exit" 0 "$("$VDK" diff --kernel "$plain" "$attached" > /dev/null; echo $?)"
python3 - "$notb" "$T/other.so" << 'PY'
import subprocess, sys
b = bytearray(open(sys.argv[1], "rb").read())
for line in subprocess.check_output(["readelf", "--dyn-syms", "-W", sys.argv[1]], text=True).splitlines():
    f = line.split()
    if len(f) > 7 and f[7].startswith("number_of_the_beast"): b[int(f[1], 16)] ^= 1
open(sys.argv[2], "wb").write(b)
PY
like "diff: code" "^number_of_the_beast: code: 1 of" "$("$VDK" diff "$notb" "$T/other.so")"
is "diff: in JSON" "False code" "$("$VDK" diff --json "$notb" "$T/other.so" | python3 -c 'import json,sys; d = json.load(sys.stdin); print(d["same"], d["differences"][0]["what"])')"
cp "$notb" "$T/longer.so"
head -c 4096 /dev/zero >> "$T/longer.so"
is "diff: zeroes at the end do not count" 0 "$("$VDK" diff "$notb" "$T/longer.so" > /dev/null; echo $?)"

# --- where to: what is no regular file is written to, and stays what it is ---
ln -s target.so "$T/link.so"
is "into a link" 0 "$("$VDK" dump "$plain" -o "$T/link.so"; echo $?)"
is "... which stays one, and its target is the dump" "target.so 0" "$(readlink "$T/link.so") $(cmp "$T/target.so" "$T/kernel.so"; echo $?)"
mkfifo "$T/pipe"
timeout 10 cat "$T/pipe" > "$T/piped.so" &
is "into a FIFO" 0 "$(timeout 10 "$VDK" dump "$plain" -o "$T/pipe"; echo $?)"
wait $!
is "... which stays one, and all went through" "yes 0" "$([ -p "$T/pipe" ] && echo yes) $(cmp "$T/piped.so" "$T/kernel.so"; echo $?)"

# --- what cannot be ---
start hidden "$VDK" run --once --vdso none sleep 300
runs "$hidden" sleep
capture "$VDK" dump "$hidden" -o "$T/hidden.so"
is "hidden: exit" 1 "$status"
like "hidden: words" "has no vDSO" "$err"
is "hidden: no file" no "$([ -e "$T/hidden.so" ] && echo yes || echo no)"
is "hidden: the kernel's is there" 0 "$("$VDK" dump --kernel "$hidden" -o "$T/hidden.so"; echo $?)"
echo hello > "$T/text"
capture "$VDK" symbols "$T/text"
is "no ELF: exit" 3 "$status"
mkfifo "$T/fifo"
capture timeout 5 "$VDK" symbols "$T/fifo"
is "a FIFO is refused, not waited for" 3 "$status"
capture "$VDK" symbols --kernel "$notb"
is "--kernel of a file: exit" 2 "$status"
capture "$VDK" diff "$plain"
is "diff of one: exit" 2 "$status"
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null; then
	capture setpriv --reuid 65534 --regid 65534 --clear-groups "$VDK" symbols "$plain"
	is "somebody else's: exit" 77 "$status"
fi

# A process that lies: about where its vDSO is, and about what is there.
cat > "$T/liar.c" << 'C'
#include <elf.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
extern char **environ;

/* Memory whose pages never come: the kernel refuses to wait for them on our behalf. */
static void *endless(void)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register range = {.mode = UFFDIO_REGISTER_MODE_MISSING};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	void *map = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	range.range.start = (unsigned long)map;
	range.range.len = 4096;
	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range))
		exit(77);
	return map;
}

int main(int argc, char **argv)
{
	char **end = environ;
	unsigned char *map = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	Elf64_auxv_t *auxv;

	switch (atoi(argv[1])) {
	case 0: map = (void *)0x1234000; break;                              /* nowhere */
	case 1: memset(map, 'x', 4096); break;                               /* no ELF */
	case 2: memset(map, 0xff, 4096); memcpy(map, ELFMAG, SELFMAG); break; /* rubbish */
	case 3: map = endless(); break;
	}
	while (*end)
		end++;
	for (auxv = (Elf64_auxv_t *)(end + 1); auxv->a_type; auxv++)
		if (auxv->a_type == AT_SYSINFO_EHDR)
			auxv->a_un.a_val = (unsigned long)map;
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
C
gcc "$T/liar.c" -o "$T/liar"
for case in 0 1 2 3; do
	"$T/liar" "$case" > "$T/liar.$case" &
	liar=$!
	if ! wait_for 3 grep -q ready "$T/liar.$case"; then
		echo "# case $case cannot be tried here (userfaultfd)"
		continue
	fi
	at_end "kill $liar 2> /dev/null"
	capture timeout 30 "$VDK" symbols "$liar"
	is "a lying process, case $case: exit" 3 "$status"
	like "a lying process, case $case: words" "$(sed -n "$((case + 1))p" << 'WORDS'
no page is mapped
expected an ELF image
expected a little-endian ELF image
cannot read its vDSO
WORDS
)" "$err"
done

# A process whose memory never comes: whoever reads it can not even be killed, so vdk must leave.
gcc -w "$(dirname "$0")/slow.c" -o "$T/slow-server"
mkdir "$T/slow"
"$T/slow-server" "$T/slow" > "$T/slow.out" &
slow=$!
if wait_for 3 grep -q ready "$T/slow.out"; then
	server=$(pgrep -P "$slow")
	at_end 'kill $slow $server 2> /dev/null; umount -l "$T/slow"; sleep 0.2'
	capture timeout 30 "$VDK" symbols "$slow"
	is "memory that never comes: exit" 3 "$status"
	like "memory that never comes: words" "does not let its memory be read: gave up" "$err"
	kill "$server" "$slow"
else
	echo "# memory that never comes: needs root and FUSE"
fi

# A process that maps and unmaps without pause, and execs: an answer or an error, in bounded time.
cat > "$T/restless.c" << 'C'
#include <sys/mman.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	for (int i = 0; i < 20000; i++) {
		void *map = mmap(0, 1 << 16, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		munmap(map, 1 << 15);
		munmap((char *)map + (1 << 15), 1 << 15);
	}
	execv("/proc/self/exe", argv);
	return 1;
}
C
gcc -O1 "$T/restless.c" -o "$T/restless"
start restless "$T/restless"
codes=$(for _ in 1 2 3 4 5 6 7 8; do
	for command in maps auxv symbols; do
		timeout 10 "$VDK" $command "$restless" > /dev/null 2>&1 || echo $?
	done
done | sort -u | grep -vx 3 || true)
is "a restless process: no crash, no hang" "" "$codes"
kill "$restless"
finish
