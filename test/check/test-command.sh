#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# vdk check as people use it: verdicts and exit codes, both compilers and linkers, and sources that
# were written in the ways that an image must not be.
set -eu
. "$(dirname "$0")/../lib.sh"

good=$VDK_SOURCE_ROOT/test/check/good
rules=$("$VDK" check --list-rules | wc -l)

# ---- clean images ----
for cc in gcc clang; do
	command -v "$cc" > /dev/null || continue
	for ld in bfd lld; do
		command -v "ld.$ld" > /dev/null || continue
		for level in -O0 -O1 -O2 -O3 -Os; do
			"$VDK" build "$good" --cc "$cc" --ld "$ld" --cflag "$level" -o "$T/img.so"
			capture "$VDK" check "$T/img.so"
			is "$cc, ld.$ld, $level: clean" \
				"0 $T/img.so: 0 errors, 0 warnings, 0 notes; $rules rules (kit)" "$status $out"
		done
	done
done
"$VDK" build "$good" -o "$T/good.so"

# ---- the kernel's own ----
capture "$VDK" check vdso
if [ "$status" = 3 ]; then
	like 'no vDSO here: said' 'no vDSO' "$err"
else
	is "the kernel's vDSO has no errors" 0 "$status"
	like 'its oddities are notes' '0 errors, .*\(kernel\)' "$out"
	capture "$VDK" check --kit vdso
	is 'held to every rule it fails' 1 "$status"
	like 'it has no note of the kit' 'vdso: note.vdk: error: ' "$out"
fi

# ---- an attached image: what the process itself sees ----
capture "$VDK" run --vdso "$T/good.so" -- "$VDK" check vdso
if [ "$status" = 77 ]; then
	ok "attaching is not possible here: $err"
else
	is 'an attached image is clean in memory too' \
		"0 vdso: 0 errors, 0 warnings, 0 notes; $rules rules (kit)" "$status $out"
fi

# ---- output ----
capture "$VDK" check -v "$T/good.so"
like 'the table has the stack of each function' ' 48 +[0-9]+ .*__vdso_|__vdso_room' "$out"
capture "$VDK" check --stack-limit 100 "$T/good.so"
is 'a lower stack limit is a finding' 1 "$status"
like 'with offset, expected and found' \
	'stack.bound: error: .*large_mix.* \(offset 0x[0-9a-f]+, expected at most 100 bytes, found [0-9]+\)' "$out"
capture "$VDK" check --json --stack-limit 100 "$T/good.so"
is 'the same as JSON' '1 stack.bound error 0' "$status $(printf '%s' "$out" | python3 -c '
import json, sys
o = json.load(sys.stdin)
f = o["findings"][0]
print(f["rule"], f["severity"], o["unlooked"])')"
capture "$VDK" check --list-rules
is 'every rule has an id, severities, a title and an origin' '' \
	"$(grep -vE '^[a-z0-9.]+ +(error|warning|note) +(error|warning|note|off) +[A-Za-z].*[^ ] \[.+\]$' <<< "$out" || :)"
capture "$VDK" check -q "$T/good.so"
is 'quiet is quiet' '0 ' "$status $out$err"

# ---- what is no image ----
echo 'int main;' > "$T/text"
capture "$VDK" check "$T/text"
is 'a file that is no ELF is a finding' 1 "$status"
like 'by name' "$T/text: elf.ident: error: this is not an ELF file \(offset 0, expected" "$out"
: > "$T/empty"
capture "$VDK" check "$T/empty"
is 'an empty file too' 1 "$status"
capture "$VDK" check "$T/nowhere"
is 'a missing file is not' 3 "$status"
like 'and named' "$T/nowhere: cannot open: No such file" "$err"
capture "$VDK" check "$T"
is 'a folder is not' 3 "$status"
mkfifo "$T/fifo"
capture timeout 10 "$VDK" check "$T/fifo"
is 'a pipe is not, and nothing hangs' 3 "$status"
truncate -s 1G "$T/large"
capture "$VDK" check "$T/large"
is 'nor a huge file' 3 "$status"
capture "$VDK" check
is 'no image at all: usage' 2 "$status"
capture "$VDK" check --stack-limit many "$T/good.so"
is 'a stack limit that is no number: usage' 2 "$status"
for library in /lib/x86_64-linux-gnu/libc.so.6 /lib/x86_64-linux-gnu/libm.so.6; do
	[ -e "$library" ] || continue
	capture timeout 60 "$VDK" check "$library"
	is "an ordinary library ($library) is no image" 1 "$status"
done

# ---- wrong sources ----
# wrong RULE DIR: the source is refused by RULE, and no image is written.
wrong() {
	rm -f "$T/wrong.so"
	capture "$VDK" build "$2" --cc gcc -o "$T/wrong.so"
	is "$1: refused" 1 "$status"
	like "$1: named" "$1" "$err"
	if [ -e "$T/wrong.so" ]; then
		not_ok "$1: the image was written all the same"
	fi
}

source_of() { # source_of NAME: the body of a function on standard input becomes a folder
	mkdir -p "$T/$1"
	{
		printf '#include <vdk/vdso.h>\n'
		cat
	} > "$T/$1/$1.vdso.c"
}

source_of vector << 'EOF'
static __attribute__((noinline, target("avx2"), optimize("O3"))) void all(float *v, float by)
{
	for (int i = 0; i < 64; i++)
		v[i] *= by;
}

VDK_FUNCTION(int, scale, (float *v, float by))
{
	all(v, by);
	return 0;
}
EOF
wrong insn.vector "$T/vector"

source_of x87 << 'EOF'
VDK_FUNCTION(int, ratio, (long double *a, long double *b))
{
	return (int)(*a / *b);
}
EOF
wrong insn.vector "$T/x87"

source_of frame << 'EOF'
VDK_FUNCTION(int, frame, (int n))
{
	volatile char large[20000];

	large[n] = 1;
	return large[0];
}
EOF
wrong stack.bound "$T/frame"

source_of alloca << 'EOF'
VDK_FUNCTION(int, grow, (int n))
{
	volatile char *p = __builtin_alloca(n);

	p[0] = 1;
	return p[0];
}
EOF
wrong stack.known "$T/alloca"

source_of recurse << 'EOF'
VDK_FUNCTION(int, walk, (int n))
{
	return n ? __vdso_walk(n - 1) * n + __vdso_walk(n / 2) : 1;
}
EOF
wrong stack.known "$T/recurse"

source_of thread << 'EOF'
VDK_FUNCTION(long, self, (void))
{
	long value;

	__asm__("mov %%fs:0, %0" : "=r"(value));
	return value;
}
EOF
wrong insn.segment "$T/thread"

source_of store << 'EOF'
#include "store.page.h"
VDK_FUNCTION(int, poke, (void))
{
	vdk_record_store.sequence = 1;
	return 0;
}
EOF
cat > "$T/store/store.page.h" << 'EOF'
#include <vdk/record.h>
struct store {
	int32_t value;
};
VDK_RECORD(store);
EOF
wrong insn.write "$T/store"

source_of callee << 'EOF'
VDK_FUNCTION(int, clobber, (void))
{
	__asm__ volatile("xor %ebx, %ebx");
	return 0;
}
EOF
wrong abi.saved "$T/callee"

# A table of distances, which needs no relocation: only following the code tells.
source_of table << 'EOF'
VDK_FUNCTION(int, choose, (unsigned n, int *v))
{
	static const int to[] = { &&one - &&one, &&two - &&one, &&three - &&one };

	goto *(&&one + to[n % 3]);
one:
	return v[1] + 1;
two:
	return v[2] * 3;
three:
	return v[3] ^ 5;
}
EOF
wrong insn.indirect "$T/table"

finish
