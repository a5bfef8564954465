#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whatever an author can do wrong is refused in the author's terms: the source, the record, field,
# function or variable, and what to do instead. Nothing is written then, and nothing is left.
# Argument: the compiler.
set -eu
. "$(dirname "$0")/../lib.sh"

cc=${1:-cc}
need "$cc"
export TMPDIR=$T/tmp
mkdir "$TMPDIR"

# Read a file for the case at hand.
write() { cat > "$T/case/$1"; }

begin() {
	rm -rf "$T/case" "$T/made"
	mkdir "$T/case" "$T/made"
}

# refused WHAT REGEX [OPTION...]: the folder is refused and the message matches.
refused() {
	local what=$1 regex=$2

	shift 2
	capture "$VDK" build --cc "$cc" "$T/case" -o "$T/made/x.so" "$@"
	is "$what: exit status" 2 "$status"
	like "$what: message" "$regex" "$err"
	is "$what: nothing written" "" "$(ls "$T/made")"
	is "$what: nothing left" "" "$(ls -A "$TMPDIR")"
}

# field WHAT DECLARATION REGEX: a record with that field is refused.
field() {
	begin
	write x.page.h <<- END
		#include <vdk/record.h>
		struct part { int32_t fine; };
		struct r {
		        int32_t before;
		        $2
		};
		VDK_RECORD(r);
	END
	write x.vdso.c <<- END
		#include <vdk/vdso.h>
		#include "x.page.h"
	END
	refused "$1" "x\.page\.h: line 5: record r, field $3"
}

field 'pointer' 'const char *name;' 'name: a pointer means nothing in another process'
field 'function pointer' 'int (*call)(void);' 'call: a pointer means nothing'
field 'array of pointers' 'char *names[4];' 'names\[0\]: a pointer means nothing'
field 'union' 'union { int a; float b; } both;' 'both: a union does not say which'
field 'unnamed union' 'union { int a; float b; };' 'without a name: a union does not say which'
field 'bit-field' 'unsigned flag : 1;' 'flag: a bit-field has no address'
field 'long double' 'long double wide;' 'wide: long double'
field '__int128' '__int128 wide;' 'wide: __int128 is wider'
field 'unsigned __int128' 'unsigned __int128 wide[2];' 'wide: unsigned __int128 is wider'
field 'complex number' '_Complex double z;' 'z: a complex number'
field 'flexible array' 'int32_t tail[];' 'tail: an array without a fixed number'
field 'array of nothing' 'int32_t none[0];' 'none: an array without a fixed number'
field 'vector' 'int v __attribute__((vector_size(16)));' 'v: a vector type'
field '_Atomic' '_Atomic int counter;' 'counter: a record is atomic as a whole'
field 'pointer deep inside' 'struct { struct { int i; void *p; } b[2]; } a;' 'a\.b\[0\]\.p: a pointer'
field 'name too long' "$(for i in 1 2 3 4 5 6; do
	printf 'struct { '
done) int deep; $(for i in 1 2 3 4 5 6; do
	printf '} %s%s;' "$(printf 'n%.0s' {1..50})" $i
done)" 'n+.*: the flattened name has more than 255 bytes'

# The compiler's own words, made to say what is wrong.
page() { # page WHAT REGEX, with the page header on standard input
	begin
	write x.page.h
	write x.vdso.c <<- END
		#include <vdk/vdso.h>
		#include "x.page.h"
	END
	refused "$1" "$2"
}

page 'too large' 'struct r is larger than VDK_RECORD_MAX bytes; split it' <<- END
	#include <vdk/record.h>
	struct r { char text[VDK_RECORD_MAX + 1]; };
	VDK_RECORD(r);
END
page 'alignment' 'struct r asks for an alignment of more than VDK_CACHE_LINE bytes' <<- END
	#include <vdk/record.h>
	struct r { char text __attribute__((aligned(128))); };
	VDK_RECORD(r);
END
page 'empty' 'struct r has no fields' <<- END
	#include <vdk/record.h>
	struct r { };
	VDK_RECORD(r);
END
page 'a list of none' 'VDK_RECORDS\(r\): a list has at least one record' <<- END
	#include <vdk/record.h>
	struct r { int i; };
	VDK_RECORDS(r, 0);
END
page 'a list and a record of one name' 'vdk_only_one_record_can_have_the_name_r' <<- END
	#include <vdk/record.h>
	struct r { int i; };
	VDK_RECORD(r);
	VDK_RECORDS(r, 3);
END
page 'a list that is too long' 'line 3: with list r, 300000 records that take 64 bytes each, the page has more than 16777216 bytes' <<- END
	#include <vdk/record.h>
	struct r { int i; };
	VDK_RECORDS(r, 300000);
END
page 'a list of more than any number' 'line 3: with list r, 4294967295 records' <<- END
	#include <vdk/record.h>
	struct r { int i; };
	VDK_RECORDS(r, 1l << 40);
END
page 'a field of a list' 'line 2: record r, field p: a pointer means nothing' <<- END
	#include <vdk/record.h>
	struct r { void *p; };
	VDK_RECORDS(r, 3);
END
page 'no such struct' 'struct r' <<- END
	#include <vdk/record.h>
	VDK_RECORD(r);
END
page 'the same record twice' 'vdk_only_one_record_can_have_the_name_r' <<- END
	#include <vdk/record.h>
	struct r { int i; };
	VDK_RECORD(r);
	VDK_RECORD(r);
END
page 'too many fields' 'record r has more than 16384 fields|fields in all; a page describes at most' <<- END
	#include <vdk/record.h>
	struct r { struct { int8_t a; } many[VDK_RECORD_MAX]; };
	struct s { int8_t more; };
	VDK_RECORD(r);
	VDK_RECORD(s);
END

begin
write a.page.h <<< '#include <vdk/record.h>
struct r { int i; };
VDK_RECORD(r);'
write b.page.h <<< '#include <vdk/record.h>
/* another one */
struct r { long i; };
VDK_RECORD(r);'
write x.vdso.c <<< '#include <vdk/vdso.h>'
refused 'two records of one name' 'b\.page\.h: line 4: there is a record named r already, in .*a\.page\.h line 3'

# code WHAT REGEX [OPTION...], with the body on standard input
code() {
	local what=$1 regex=$2

	shift 2
	begin
	write x.page.h <<< '#include <vdk/record.h>
struct r { int i; };
VDK_RECORD(r);'
	{
		echo '#include <vdk/vdso.h>'
		echo '#include "x.page.h"'
		cat
	} > "$T/case/x.vdso.c"
	refused "$what" "$regex" "$@"
}

code 'call into libc' 'x\.vdso\.c: function __vdso_f uses printf, .*no libc' <<- END
	int printf(const char *, ...);
	VDK_FUNCTION(int, f, (void)) { return printf("x"); }
END
code 'errno' 'x\.vdso\.c: function __vdso_f uses errno; return the negative' <<- END
	int *__errno_location(void);
	VDK_FUNCTION(int, f, (void)) { *__errno_location() = 1; return -1; }
END
code 'a list without an index' 'vdk_read\(l\): l is a list; say which record of it, with vdk_read_at\(l, index, \.\.\.\)' <<- END
	struct l { int i; };
	VDK_RECORDS(l, 3);
	VDK_FUNCTION(int, f, (struct l *out)) { return vdk_read(l, out); }
END
code 'an index for a single record' 'r is a single record, which has no index: use vdk_read\(\)' <<- END
	VDK_FUNCTION(int, f, (struct r *out)) { return vdk_read_at(r, 0, out); }
END
code 'a record of nobody' 'f reads record other, but no page header' <<- END
	struct other { int i; };
	VDK_RECORD(other);
	VDK_FUNCTION(int, f, (void)) { struct other o; return vdk_read(other, &o); }
END
code 'writable variable' 'x\.vdso\.c: defines writable data: counter in section \.bss' <<- END
	static int counter;
	VDK_FUNCTION(int, f, (void)) { return ++counter; }
END
code 'writable variable in a function' 'defines writable data: state in section \.data' <<- END
	VDK_FUNCTION(int, f, (void)) { static int state = 5; return state++; }
END
code 'common variable' 'defines writable data: shared in section' <<- END
	int shared;
	VDK_FUNCTION(int, f, (void)) { return shared++; }
END
code 'thread-local variable' 'defines thread-local data: mine in section \.t' <<- END
	static __thread int mine;
	VDK_FUNCTION(int, f, (void)) { return mine++; }
END
code 'table of strings' 'constant names holds addresses' <<- END
	static const char *const names[] = {"a", "b", "c"};
	VDK_FUNCTION(const void *, f, (void)) { return names; }
END
code 'constructor' 'defines a constructor or destructor' <<- END
	__attribute__((constructor)) static void start(void) { __asm__ volatile(""); }
	VDK_FUNCTION(int, f, (void)) { return 1; }
END
code 'absolute address' 'f holds an absolute address|absolute address' <<- END
	VDK_FUNCTION(long, f, (void)) { long v; __asm__("movabsq \$__vdso_f, %0" : "=r"(v)); return v; }
END
code 'exported without VDK_FUNCTION' 'f is defined to be seen from outside but not by VDK_FUNCTION' <<- END
	__attribute__((visibility("default"))) int f(void) { return 1; }
END
code '__vdso_ without VDK_FUNCTION' '__vdso_f is defined .*write VDK_FUNCTION\(TYPE, f,' <<- END
	int __vdso_f(void) { return 1; }
END
code 'standard function without VDK_FUNCTION' 'time is defined .*write VDK_FUNCTION\(TYPE, time,' <<- END
	long time(long *t) { return 1; }
END
code 'wrong parameters' 'conflicting types for .__vdso_clock_gettime' <<- END
	VDK_FUNCTION(int, clock_gettime, (int clock)) { return clock; }
END
code 'wrong result' 'conflicting types for .__vdso_time' <<- END
	VDK_FUNCTION(int, time, (long *t)) { return 1; }
END
code 'prefix' 'VDK_FUNCTION\(__vdso_f\): name it f; the macro adds __vdso_' <<- END
	VDK_FUNCTION(int, __vdso_f, (void)) { return 1; }
END
code 'version' "VDK_FUNCTION_VERSION\(f\): 'ACME 1' is not a version node" <<- END
	VDK_FUNCTION_VERSION("ACME 1", int, f, (void)) { return 1; }
END
code 'types that callers do not have' 'x: a prototype uses types that callers cannot know' <<- END
	typedef int mine;
	VDK_FUNCTION(mine, f, (mine i)) { return i; }
END
code 'missing body' 'alias(ed to undefined symbol .__vdso_f| must point to a defined)' <<- END
	VDK_FUNCTION(int, f, (void));
END
code 'syntax error' 'failed with exit status 1; its own message stands above' <<- END
	VDK_FUNCTION(int, f, (void)) { return 1 }
END
code 'read into the wrong struct' 'incompatible type|assigning to' <<- END
	struct other { int i; };
	VDK_FUNCTION(int, f, (void)) { struct other o; return vdk_read(r, &o); }
END
code 'ifunc' 'f is resolved at load time|defined to be seen from outside|ifunc' <<- END
	static int one(void) { return 1; }
	static void *choose(void) { return (void *)one; }
	int chosen(void) __attribute__((ifunc("choose")));
	VDK_FUNCTION(int, f, (void)) { return chosen(); }
END

begin
write a.vdso.c <<< '#include <vdk/vdso.h>
VDK_FUNCTION(int, f, (void)) { return 1; }'
write b.vdso.c <<< '#include <vdk/vdso.h>
VDK_FUNCTION(int, f, (void)) { return 2; }'
refused 'exported twice' 'b\.vdso\.c: VDK_FUNCTION\(f\): .*a\.vdso\.c exports that function already'

begin
write x.vdso.c <<< '#include <vdk/vdso.h>
VDK_FUNCTION(bool, f, (int64_t now)) { return vdk_void(now); }'
refused 'page of a vDSO without records' 'asks about the page, but this vDSO has no record'

begin
write readme.txt <<< 'nothing'
refused 'no source in the folder' 'case: no \*\.vdso\.c in this folder'

begin
write x.vdso.c <<< '#include <vdk/vdso.h>'
refused 'linker' 'gold: not a linker that images are made with; expected bfd or lld' --ld gold
refused 'name' 'no/slash: not a name for a vDSO' --name no/slash
refused 'long name' 'not a name for a vDSO; expected 1 to 31' --name "$(printf 'x%.0s' {1..32})"
refused '-m32' 'this compiler makes code for another system' --cc "$cc -m32"
write x.update.c <<< 'int broken('
refused 'update hook' 'failed with exit status'

finish
