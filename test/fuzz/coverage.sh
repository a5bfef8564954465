#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# coverage.sh [-l] BUILD [NAME...]
#
# What lines of its parser each target reaches with the kept inputs, and with those in
# VDK_FUZZ_CORPUS/NAME if that variable names a folder: clang's source-based coverage of a build of
# its own, BUILD-coverage. With -l also the lines that none reached.
set -eu

lines=false
if [ "${1:-}" = -l ]; then
	lines=true
	shift
fi
root=$(realpath "$(dirname "$0")/../..")
build=${1:?usage: coverage.sh [-l] BUILD [NAME...]}-coverage
shift
version=$(clang --version | sed -n 's/.*version \([0-9]*\).*/\1/p;q')
profdata=$(command -v llvm-profdata || command -v "llvm-profdata-$version")
cov=$(command -v llvm-cov || command -v "llvm-cov-$version")

# The files whose reading of foreign bytes is the target's matter.
files() {
	case $1 in
	arguments) echo tool/cmd-*.c tool/duration.c tool/faketime-spec.c tool/look.c ;;
	bake-arguments) echo kernel/bake/cmd-bake.c ;;
	bpf) echo kernel/bpf/{vdk-publish-bpf,object,pagemap}.c ;;
	bake) echo kernel/bake/{conditions,edits,expand,inside,names,patch,scan,text}.c ;;
	check) echo src/check/*.c src/check/arch/*/*.c ;;
	debugfile) echo tool/perf-symbols.c ;;
	doctor) echo src/doctor/{attached,boot,clock,doctor,examination,files,guards,image,machine,namespace,origin,preload,program,root,vdso}.c ;;
	document) echo tool/bench-document*.c tool/bench-compare*.c tool/bench-report.c tool/bench-figures.c tool/bench-table.c ;;
	feed) echo tool/feed*.c tool/lines.c src/publish/field-{find,parse}.c ;;
	hostinfo) echo vdsos/hostinfo/{text,source,machine,stall,cgroup,cgroup-values}.h ;;
	lookup) echo src/lookup/vdk_lookup.c ;;
	maps) echo src/inspect/{maps,classify,explain}.c ;;
	note) echo src/publish/note.c ;;
	object) echo src/build/{object,exports,rules,layout,fields,structs,debuginfo}.c ;;
	page) echo src/publish/{page,header,layout,record,field-format}.c tool/show.c ;;
	process) echo src/inspect/{process,mapped,mappings,auxv,image,identify,page}.c tool/look-page.c ;;
	prototype) echo tool/bench-prototype.c tool/bench-own.c ;;
	spec) echo src/faketime/spec.c ;;
	stack) echo src/attach/stack.c ;;
	supervisor) echo src/attach/{elf-file,raw-call,thread,vsyscall-site,vsyscall-contained}.c src/base/vsyscall-scan.c ;;
	symbols) echo src/inspect/{symbols,elf-view}.c ;;
	esac
}

report() {
	local name=$1 program=$2 corpus

	corpus=("$root/test/fuzz/corpus/$name")
	[ ! -d "${VDK_FUZZ_CORPUS:-/nonexistent}/$name" ] || corpus+=("$VDK_FUZZ_CORPUS/$name")
	rm -f "$build/$name.profraw"
	LLVM_PROFILE_FILE=$build/$name.profraw "$program" --exact "${corpus[@]}" > "$build/$name.log" 2>&1 ||
		echo "$name: a kept input fails: see $build/$name.log" >&2
	"$profdata" merge -o "$build/$name.profdata" "$build/$name.profraw"
	"$cov" report "$program" -instr-profile="$build/$name.profdata" > "$build/$name.report"
	files "$name" | tr ' ' '\n' | awk -v name="$name" -v root="${root#/}/" '
		NR == FNR { wanted[$1] = 1; next }
		{ sub(root, "", $1) } # where files of the system are among them
		$1 in wanted { lines += $8; missed += $9 }
		END { printf "%-12s %5d of %5d lines, %3.0f %%\n", name, lines - missed, lines,
			100 * (lines - missed) / (lines ? lines : 1) }' - "$build/$name.report"
	if $lines; then
		files "$name" | tr ' ' '\n' | awk -v root="$root/" '
			NR == FNR { wanted[$1] = 1; next }
			/^[^ ].*:$/ { file = substr($0, 1, length($0) - 1); sub(/.*\/\.\.\//, "/", file)
				sub(root, "", file); shown = 0 }
			file in wanted && /^ +[0-9]+\| +0\|/ { if (!shown++) print file; print }' - <(
			"$cov" show "$program" -instr-profile="$build/$name.profdata")
	fi
}

cd "$root"
# What meson tries while it sets up is no program of ours.
export LLVM_PROFILE_FILE=/dev/null
if [ ! -e "$build/build.ninja" ]; then
	CC=clang CFLAGS='-fprofile-instr-generate -fcoverage-mapping' \
		LDFLAGS=-fprofile-instr-generate meson setup "$build" > /dev/null
fi
ninja -C "$build" fuzz-targets > /dev/null
build=$(realpath "$build")
# shellcheck disable=SC2048 # names of targets have no blanks
for name in ${*:-$(cd test/fuzz/corpus && echo *)}; do
	for folder in test/fuzz kernel/bake kernel/bpf; do
		[ ! -x "$build/$folder/fuzz-$name" ] || report "$name" "$build/$folder/fuzz-$name"
	done
done
