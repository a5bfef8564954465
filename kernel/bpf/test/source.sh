#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The author's header: it compiles by `vdk flags --bpf`, beside the kernel's headers and beside all of
# a kernel's types, and mistakes that a compiler can see are told in words.
set -eu
. "$(dirname "$0")/../../../test/lib.sh"

need clang
cd "$T"
cat > beat.page.h << 'END'
#include <vdk/record.h>
struct beat { uint64_t count; bool odd; char name[8]; double unused; };
VDK_RECORD(beat);
END
program() { # program INCLUDE BODY: a source with that body
	cat << END
$1
#include <bpf/bpf_helpers.h>
#include <vdk/update-bpf.h>
#include "beat.page.h"
VDK_BPF_PAGE();
char LICENSE[] SEC("license") = "GPL";
SEC("perf_event") int on_tick(void *context)
{
	$2
	return 0;
}
END
}
compile() { # compile FILE: with all warnings
	# shellcheck disable=SC2046
	capture clang $("$VDK" flags --bpf) -Wall -Wextra -Wno-unused-parameter -Werror -I. -c "$1" -o out.o
}

good='struct beat now = {.count = 1, .odd = true}; vdk_bpf_write(beat, &now); vdk_bpf_touch();'
program '#include <linux/bpf.h>' "$good" > good.bpf.c
compile good.bpf.c
is "with the kernel's headers" 0 "$status"
[ "$status" = 0 ] || echo "$err"
is "the object has its parts" 2 "$(readelf -SW out.o | grep -c '\.rodata\.vdk')"

if command -v bpftool > /dev/null && [ -r /sys/kernel/btf/vmlinux ] &&
	bpftool btf dump file /sys/kernel/btf/vmlinux format c > vmlinux.h 2> /dev/null; then
	program '#include "vmlinux.h"' "$good" > types.bpf.c
	compile types.bpf.c
	is "with all of this kernel's types" 0 "$status"
	[ "$status" = 0 ] || echo "$err"
fi

program '#include <linux/bpf.h>' 'uint64_t now = 1; vdk_bpf_write(beat, &now);' > type.bpf.c
compile type.bpf.c
is "a value of another type" 1 "$status"
like "is told" 'vdk_bpf_write\(beat\): the value must point to a struct beat' "$err"

program '#include <linux/bpf.h>' "$good" > name.bpf.c
cat >> name.bpf.c << 'END'
struct a_name_that_is_longer_than_what_fits_into_a_place { int value; };
VDK_RECORD(a_name_that_is_longer_than_what_fits_into_a_place);
END
compile name.bpf.c
is "a name that is too long" 1 "$status"
like "is told" 'the name is too long for a BPF program' "$err"

program '#include <linux/bpf.h>' "$good" > list.bpf.c
cat >> list.bpf.c << 'END'
struct many { int value; };
VDK_RECORDS(many, 3);
END
compile list.bpf.c
is "a list" 1 "$status"
like "is told" 'VDK_RECORDS\(many\): a page with a list cannot be written by a BPF program' "$err"
finish
