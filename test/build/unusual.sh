#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What seldom happens to a build: objects and page headers that no macro of the kit makes, folders and
# files in the way, compilers that die. Each ends in words about what is at fault, and with nothing left.
set -eu
. "$(dirname "$0")/../lib.sh"
need gcc

mkdir "$T/case" "$T/tmp"
export TMPDIR=$T/tmp
x=$T/case/x.vdso.c page=$T/case/x.page.h

fresh() { # fresh BODY: a folder with one function, and BODY before it
	rm -rf "$T/case" "$T/out.so"
	mkdir "$T/case"
	printf '#include <vdk/vdso.h>\n%s\nVDK_FUNCTION(int, f, (void)) { return 1; }\n' "$1" > "$x"
}

refused() { # refused WHAT REGEX OPTION...
	local what=$1 regex=$2

	shift 2
	rm -f "$T/out.so"
	capture "$VDK" build "$T/case" --cc gcc -o "$T/out.so" "$@"
	[ "$status" -gt 0 ] && [ "$status" -lt 4 ] || not_ok "$what: refused" "exit $status" "$err"
	like "$what" "$regex" "$err"
	[ ! -e "$T/out.so" ] || not_ok "$what: no image" "$(ls -l "$T/out.so")"
	is "$what: nothing left" "" "$(ls -A "$T/tmp")"
}

# --- sections that VDK_FUNCTION() and VDK_REFERENCE() did not write ---
fresh '__attribute__((section(".vdk.export"), used, aligned(1))) static const char by_hand[] = "LINUX_2.6\0ghost\0int\0(void)";'
refused "an export that is not defined" 'VDK_FUNCTION\(ghost\): no definition of it in this object'
fresh '__attribute__((section(".vdk.export"), used)) static const char by_hand[] = {67, 85, 84};'
refused "an export cut off" 'section \.vdk\.export, offset [0-9]+: a description that does not end'
fresh 'extern const int vdk_record_nowhere; VDK_FUNCTION(int, g, (void)) { return vdk_record_nowhere; }'
refused "a record of no page header" 'reads record nowhere, but no page header of this build declares it'

reference() {
	fresh ""
	printf '#include <vdk/reference.h>\n%s\n' "$1" > "$T/case/x.reference.c"
	refused "$2" "$3"
}
reference 'VDK_REFERENCE(int, f, (void), 1, 0) { return 1; } VDK_REFERENCE(long, f, (void), 1, 0) { return 1; }' \
	"a reference of another type" 'VDK_REFERENCE\(f\): expected "int" and "\(void\)" as in .*, found "long"'
reference 'VDK_REFERENCE(int, printf, (const char *, ...), 1, 0) { return 1; }' \
	"a reference to what is not exported" 'VDK_REFERENCE\(printf\): the image defines no function of that name'
reference '' "no reference" 'no VDK_REFERENCE\(\) in it'
reference '__asm__(".section .vdk.reference,\"\",@progbits\n.ascii \"cut\"\n.text");' \
	"a reference cut off" 'section \.vdk\.reference, offset 0: a description that does not end'

# --- page headers ---
record() { # record FIELDS WHAT REGEX: those of one record
	fresh ""
	printf '#include <vdk/record.h>\nstruct x {\n%s\n};\nVDK_RECORD(x);\n' "$1" > "$page"
	refused "$2" "$3"
}
record 'int32_t many[1][1][1][1][1][1][1][1][1];' "nine dimensions" 'an array of more than 8 dimensions'
record 'struct { } none[3]; int32_t one;' "an array of nothing" 'an array of structs without a size'
deep=$(printf 'struct { %.0s' {1..40})int32_t\ a\;$(printf ' } a%d;' {1..40})
record "$deep" "forty structs inside of one another" 'structs nested more than 32 deep|name'
fresh ""
printf '#include <vdk/record.h>\nstruct x { int32_t a; };\nVDK_RECORD(x);\nextern int vdk_record_y;\nint vdk_record_y;\n' > "$page"
refused "a record by hand" 'vdk_record_y is not what VDK_RECORD\(\) or VDK_RECORDS\(\) makes'
long=$(printf 'n%.0s' {1..300})
printf '#include <vdk/record.h>\nstruct %s { int32_t a; };\nVDK_RECORD(%s);\n' "$long" "$long" > "$page"
refused "a long name" "a record's name has at most [0-9]+ bytes"
fresh ""
mkdir "$T/a\"b"
printf '#include <vdk/record.h>\n' > "$T/a\"b/q.page.h"
refused "a quote in a path" 'a path with a quote, a backslash or a line end' --page "$T/a\"b/q.page.h"

printf '#include <vdk/record.h>\nstruct x { int32_t a; };\nVDK_RECORDS(x, 100000000);\n' > "$page"
refused "a list of gigabytes" 'line 3: with list x, 100000000 records .* the page has more than [0-9]+ bytes'
{
	echo '#include <vdk/record.h>'
	for ((i = 0; i < 600; i++)); do
		echo "struct r$i { uint8_t a[16000]; }; VDK_RECORD(r$i);"
	done
} > "$page"
refused "more records than a page holds" 'with record r[0-9]+ the page has more than [0-9]+ bytes'
rm "$page"
printf '#include <vdk/vdso.h>\nint shared;\nVDK_FUNCTION(int, f, (void)) { return shared; }\n' > "$T/common.c"
gcc $("$VDK" flags --cflags) -fcommon -c "$T/common.c" -o "$T/common.o"
capture "$VDK" build "$T/common.o" -o "$T/out.so"
like "a variable that the linker is to place" 'common.*(COMMON|shared)' "$err"

# --- what is named on the command line ---
touch "$T/text"
refused "a file of no kind" 'text: not an input of a build; expected a folder' "$T/text"
capture "$VDK" build "$T/a\"b/q.page.h" -o "$T/out.so"
like "no source" 'no source to build from' "$err"
refused "an object that is none" 'text\.o: ' "$T/text.o"
gcc $("$VDK" flags --cflags) -c "$x" -o "$T/x.o"
"$VDK" flags --script "$T/a blank" "$T/x.o"
capture "$VDK" flags --ldflags "$T/a blank"
like "a flag with a blank" 'has a blank in it, which no line of flags can hold' "$err"

# --- what is in the way ---
refused "a folder that cannot be made" 'the folder cannot be made: Not a directory' --keep /dev/null/folder
ln -s nowhere "$T/dangling"
refused "a folder that is a link to nowhere" 'dangling: No such file' --keep "$T/dangling"
refused "a folder that is a file" 'Not a directory' --keep "$T/text"
mkdir "$T/out.update.so"
refused "a folder in the hook's place" 'out\.update\.so: .*cannot be removed: Is a directory'
rmdir "$T/out.update.so"
mkdir "$T/image.so"
capture "$VDK" build "$T/case" --cc gcc -o "$T/image.so"
like "a folder in the image's place" 'image\.so: expected a regular file or none' "$err"
is "a folder in the image's place: nothing left" "image.so" "$(cd "$T" && find . -name '*image*so*' -printf '%f ' | xargs)"
# Paths whose names just fit no more, at each of the places where they are put together.
slashes=$(printf './%.0s' {1..2040})
for length in 4020 4060 4070 4075 4080; do
	room=$T/long/$slashes
	mkdir -p "$T/long"
	capture "$VDK" build "$T/case" --cc gcc --keep "${room:0:length}" -o "$T/kept.so"
	[ "$status" -lt 4 ] || not_ok "a path of $length bytes to work in" "exit $status" "$err"
	capture "$VDK" build "$T/case" --cc gcc -o "${room:0:length}/out.so"
	[ "$status" -lt 4 ] || not_ok "a path of $length bytes for the image" "exit $status" "$err"
	[ "$status" = 0 ] || like "a path of $length bytes is told" 'too long' "$err"
done
room=$T/long/$slashes
capture "$VDK" flags --script "${room:0:4090}" "$T/x.o"
like "a long path for scripts is told" 'too long' "$err"
# A file that may not grow: the size's limit, its signal ignored.
rm -f "$T/out.so"
printf '#include <vdk/record.h>\nstruct x { int32_t a; };\nVDK_RECORD(x);\n' > "$page"
told=$(sh -c 'trap "" XFSZ; ulimit -f 0; "$0" build "$1" --cc gcc -o "$2"; echo "exit $?"' \
	"$VDK" "$T/case" "$T/out.so" 2>&1 | cat)
like "no file may grow" '^exit 3$' "$told"
like "no file may grow: told" 'layout-0\.c could not be written whole' "$told"
is "no file may grow: nothing left" "" "$(ls -A "$T/tmp")"

# --- compilers ---
printf '#!/bin/sh\ncase "$*" in *.vdso.c*) kill -KILL $$ ;; esac\nexec gcc "$@"\n' > "$T/dies"
chmod +x "$T/dies"
capture "$VDK" build "$T/case" --cc "$T/dies" -o "$T/out.so"
is "a compiler that is killed" 1 "$([ "$status" = 0 ] || echo 1)"
like "a compiler that is killed: told" 'dies: was ended by signal 9 \(Killed\)' "$err"
# One that leaves something else behind than it was asked for, at one of its files.
cat > "$T/spoils" << 'EOF'
#!/bin/sh
output=
for word; do
	case $word in -o?*) output=${word#-o} ;; esac
done
case $output in
*/$SPOILED) gcc "$@" ${MORE-} || exit; eval "$HOW" ;;
*) exec gcc "$@" ;;
esac
EOF
chmod +x "$T/spoils"
spoilt() { # spoilt WHAT FILE HOW REGEX OPTION...
	local what=$1 regex=$4

	export SPOILED=$2 HOW=$3
	shift 4
	refused "$what" "$regex" --cc "$T/spoils" "$@"
}
spoilt "an object that is gone" source-0.o 'rm "$output"' 'source-0\.o: No such file'
spoilt "an object that is text" source-0.o 'echo text > "$output"' 'not an ELF object'
spoilt "an object cut short" source-0.o 'truncate -s 100 "$output"' 'file too short|not readable as an object'
spoilt "an image that is gone" image.so 'rm "$output"' 'image\.so: No such file'
spoilt "an image that is text" image.so 'echo text > "$output"' 'the linker made no segment'
spoilt "an image with too much behind it" image.so 'truncate -s +1M "$output"' 'section headers end at .*, after the mapped pages'
spoilt "an image without a build-id" image.so 'strip -R .note.gnu.build-id -R .note "$output" || :; echo text > "$output"' \
	'the linker made no build-id|made no segment' --debug-file "$T/debug"
MORE=-g0 spoilt "a layout without debug information" 'layout-0.o' : 'no debug information'
# The signal comes while the compiler runs, which does not die of it.
printf '#!/bin/sh\ntrap "" TERM\ncase "$*" in *.vdso.c*) kill -TERM $PPID ;; esac\nexec gcc "$@"\n' > "$T/signals"
chmod +x "$T/signals"
capture "$VDK" build "$T/case" --cc "$T/signals" -o "$T/out.so"
is "SIGTERM ends the build" 143 "$status"
is "SIGTERM: no image and nothing left" "" "$(ls -A "$T/tmp"; ls "$T/out.so" 2> /dev/null)"
finish
