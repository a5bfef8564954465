# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The commands that everybody needs, over meson and ninja:
#
#   make            build everything into build/
#   make check      every test of the normal build, then the parts that read foreign bytes, attach or
#                   share memory once more under address and undefined-behaviour sanitizers, then
#                   each fuzz target for some seconds
#   make rows       build and test with other compilers, levels and sanitizers: those that continuous
#                   integration runs, or ROWS=all; test/rows/run --list tells what each finds
#   make coverage   which lines of the core the tests reach, into build-coverage/report
#   make check-kernel  of these, the tests that boot a kernel with vdk's vDSOs baked in
#   make demo       from a vDSO's source to running programs, on this machine, in one go
#   make bench      the figures, as ratios in one run
#   make pictures   the README's two pictures again, into doc/pictures
#   make fuzz       every fuzz target for FUZZ_SECONDS each (60), see test/fuzz/README.md
#   make fuzz-coverage  what lines of the parsers the kept inputs reach
#   make torture    faults by the hundred thousand, and what they did: 40 minutes, as root; TORTURE=short
#                   takes as long as in make check, FAULTS="disk storm" takes these (test/torture)
#   make reliability  each promise of doc/RELIABILITY.md with its tests and figures: 20 minutes; a row by
#                   TESTS="'page kill-points'" (test/reliability)
#   make install    as configured: make MESON_FLAGS=--prefix=/usr install; DESTDIR works
#   make uninstall  remove what was installed last
#   make clean      remove the build folders
#
# Each of them installs the Debian packages that are missing (scripts/install-deps), which needs
# root; without it they say what to install.

BUILD ?= build
DEVELOPER_BUILD ?= $(BUILD)-developer
FUZZ_BUILD ?= $(BUILD)-fuzz
FUZZ_SECONDS ?= 60
MESON_FLAGS ?=

# What is tested twice. Left out are tests of text and packages (doc, api, house, static), what measures
# or has limits of time (bench, fastclock), what kills its processes, so that they report nothing
# (torture), what boots kernels, and what costs much for C that is sanitized elsewhere: bake (image,
# unit, fuzz), hostinfo (unit; its hook is built by `vdk build`, not by meson) and hostile (run,
# inspect).
SANITIZED = --suite page --suite lookup --suite check --suite image --suite attach --suite run \
	--suite inspect --suite verify --suite unit --suite fuzz --no-suite doc

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	@scripts/install-deps build
	meson setup $(BUILD) $(MESON_FLAGS)

$(DEVELOPER_BUILD)/build.ninja:
	@scripts/install-deps build
	meson setup $(DEVELOPER_BUILD) --native-file dev.ini $(MESON_FLAGS)

developer: $(DEVELOPER_BUILD)/build.ninja
	ninja -C $(DEVELOPER_BUILD)

$(FUZZ_BUILD)/build.ninja:
	@scripts/install-deps build test
	meson setup $(FUZZ_BUILD) --native-file fuzz.ini $(MESON_FLAGS)

fuzz-targets: $(FUZZ_BUILD)/build.ninja
	ninja -C $(FUZZ_BUILD) fuzz-targets

# What is found stays in build-fuzz/fuzz-found, and what libFuzzer learns in build-fuzz/corpus.
fuzz: fuzz-targets
	VDK_FUZZ_SECONDS=$(FUZZ_SECONDS) VDK_FUZZ_CORPUS=$(abspath $(FUZZ_BUILD))/corpus \
		meson test -C $(FUZZ_BUILD) --no-rebuild --suite fuzz --print-errorlogs \
		--timeout-multiplier 0

fuzz-coverage:
	@scripts/install-deps build test
	test/fuzz/coverage.sh $(FUZZ_BUILD)

# All runs happen whatever the first one finds.
check:
	@scripts/install-deps build demo test kernel
	@$(MAKE) --no-print-directory all developer fuzz-targets
	@scripts/kernel-log mark $(BUILD)/kernel-log
	@status=0; \
	meson test -C $(BUILD) --print-errorlogs || status=1; \
	meson test -C $(DEVELOPER_BUILD) --print-errorlogs $(SANITIZED) || status=1; \
	meson test -C $(FUZZ_BUILD) --no-rebuild --print-errorlogs --suite fuzz || status=1; \
	scripts/kernel-log since $(BUILD)/kernel-log || status=1; \
	exit $$status

rows:
	@scripts/install-deps build test
	@test/rows/run $(ROWS)

coverage:
	@scripts/install-deps build test
	@test/coverage/run

check-kernel:
	@scripts/install-deps build kernel
	@$(MAKE) --no-print-directory all
	meson test -C $(BUILD) --print-errorlogs --suite kernel

demo:
	@scripts/install-deps build demo
	@$(MAKE) --no-print-directory all
	@VDK=$(abspath $(BUILD))/tool/vdk scripts/demo

bench:
	@scripts/install-deps build bench
	@$(MAKE) --no-print-directory all
	@VDK=$(abspath $(BUILD))/tool/vdk VDK_BUILD_ROOT=$(abspath $(BUILD)) bench/run

pictures:
	@scripts/install-deps build
	@$(MAKE) --no-print-directory all
	@VDK=$(abspath $(BUILD))/tool/vdk scripts/pictures

torture:
	@scripts/install-deps build test kernel
	@$(MAKE) --no-print-directory all
	@VDK=$(abspath $(BUILD))/tool/vdk VDK_BUILD_ROOT=$(abspath $(BUILD)) \
		test/torture/run $(if $(filter short,$(TORTURE)),--short) $(FAULTS)

reliability:
	@scripts/install-deps build demo test kernel
	@$(MAKE) --no-print-directory all
	@VDK_BUILD_ROOT=$(abspath $(BUILD)) test/reliability/run $(TESTS)

install: all
	meson install -C $(BUILD) --no-rebuild

uninstall:
	ninja -C $(BUILD) uninstall

clean:
	rm -rf $(BUILD) $(DEVELOPER_BUILD) $(FUZZ_BUILD) build-rows build-coverage

.PHONY: all developer fuzz-targets fuzz fuzz-coverage check rows coverage check-kernel demo bench torture reliability pictures install uninstall clean
