# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rig's own kernel: Debian's Linux 6.1 source with vdk's vDSOs baked in.

The cache has finished kernels, by the hash of all that went into them, and one working folder with
the source tree and its object files, in which a changed vDSO is rebuilt within seconds.
"""

import os
import re
import shutil
import subprocess

from . import HERE, Failure, Skip, cache

ARCHIVE = "/usr/src/linux-source-6.1.tar.xz"
SPACE = 2 << 30

# Source that no configuration of ours compiles: two thirds of the tree. Kconfig and Makefiles
# stay, since the kernel's build reads all of them, those of other CPUs included.
OTHER_CPUS = """alpha arc arm arm64 csky hexagon ia64 loongarch m68k microblaze mips nios2 openrisc
parisc powerpc riscv s390 sh sparc xtensa""".split()
UNUSED = """drivers/gpu drivers/media drivers/net/ethernet drivers/net/wireless drivers/scsi
drivers/staging drivers/infiniband drivers/usb drivers/iio drivers/crypto drivers/hwmon
drivers/mtd drivers/md drivers/video/fbdev drivers/pinctrl fs/xfs fs/btrfs sound""".split()
DROPPED = (
    [f"arch/{cpu}/*.{end}" for cpu in OTHER_CPUS for end in ("[chS]", "dts", "dtsi")]
    + [f"{folder}/*.[chS]" for folder in UNUSED]
    + ["Documentation/*.*", "tools/perf/*", "tools/testing/selftests/bpf/*"]
)

# The kernel's own tests, which go with the finished kernel: that is what {tree} leads to.
SELFTESTS = ("tools/testing/selftests/vDSO", "tools/testing/selftests/x86",
             "tools/testing/selftests/timens", "tools/testing/selftests/kselftest.h")


def _environment():
    """Just what a reproducible build needs; nothing of the make that may have called us."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "LC_ALL": "C",
        "KBUILD_BUILD_TIMESTAMP": "2026-01-01 00:00:00 UTC",
        "KBUILD_BUILD_USER": "vdk",
        "KBUILD_BUILD_HOST": "rig",
        "KBUILD_BUILD_VERSION": "1",
    }


def _run(command, what, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False, stdin=subprocess.DEVNULL, **more)
    if done.returncode:
        raise Failure(f"{what} failed:\n" + "\n".join(done.stdout.splitlines()[-40:]))
    return done.stdout


class Work:
    """The working folder: linux/ (source), obj/ (what make made), under one lock."""

    def __init__(self):
        self.folder = os.path.join(cache.root(), "work")
        self.tree = os.path.join(self.folder, "linux")
        self.obj = os.path.join(self.folder, "obj")
        self.state = os.path.join(self.folder, "tree-is")

    def prepare(self):
        """Have a whole source tree there, of today's archive."""
        wanted = cache.key(cache.file_hash(ARCHIVE), *DROPPED)
        try:
            with open(self.state, encoding="utf-8") as file:
                if file.read() == wanted:
                    return
        except OSError:
            pass
        self.forget()
        os.makedirs(self.tree)
        _run(["tar", "-xf", ARCHIVE, "-C", self.tree, "--strip-components=1"]
             + [f"--exclude=linux-source-6.1/{pattern}" for pattern in DROPPED],
             f"extracting {ARCHIVE}")
        with open(self.state, "w", encoding="utf-8") as file:
            file.write(wanted)

    def forget(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def make(self, *arguments):
        return _run(["nice", "make", "-s", f"-j{os.cpu_count()}", "-C", self.tree, f"O={self.obj}",
                     "ARCH=x86_64", *arguments],
                    "make " + " ".join(arguments), env=_environment(), timeout=3600)

    def configure(self):
        """Write .config from the fragment; no line of it may have been lost."""
        fragment = os.path.join(HERE, "fragment")
        os.makedirs(self.obj, exist_ok=True)
        self.make(f"KCONFIG_ALLCONFIG={fragment}", "allnoconfig")
        with open(os.path.join(self.obj, ".config"), encoding="utf-8") as file:
            have = set(file.read().splitlines())
        with open(fragment, encoding="utf-8") as file:
            wanted = [line for line in file.read().splitlines()
                      if re.match(r"CONFIG_|# CONFIG_\w+ is not set", line)]
        lost = [line for line in wanted if line not in have]
        if lost:
            raise Failure("not in the kernel's .config, though the fragment has it: "
                          + "; ".join(lost))

    def build(self):
        self.configure()
        self.make("bzImage")


def _make_kernel(folder):
    if shutil.disk_usage(cache.root()).free < SPACE:
        raise Skip(f"less than {SPACE >> 30} GiB free in {cache.root()}: no room for a kernel")
    with cache.lock("work"):
        work = Work()
        work.prepare()
        try:
            work.build()
        except Failure:
            # Object files of a run that was cut short may be what is wrong: once more without.
            shutil.rmtree(work.obj, ignore_errors=True)
            work.build()
        boot = os.path.join(work.obj, "arch/x86/boot/bzImage")
        shutil.copyfile(boot, os.path.join(folder, "bzImage"))
        shutil.copyfile(os.path.join(work.obj, "arch/x86/entry/vdso/vdso64.so"),
                        os.path.join(folder, "vdso64.so"))
        shutil.copyfile(os.path.join(work.obj, ".config"), os.path.join(folder, "config"))
        for name in SELFTESTS:
            here, there = os.path.join(work.tree, name), os.path.join(folder, "tree", name)
            os.makedirs(os.path.dirname(there), exist_ok=True)
            (shutil.copytree if os.path.isdir(here) else shutil.copyfile)(here, there)


def _ingredients():
    parts = [cache.file_hash(ARCHIVE), cache.file_hash(__file__),
             cache.file_hash(os.path.join(HERE, "fragment"))]
    for tool in ("gcc", "ld"):
        parts.append(_run([tool, "--version"], tool))
    return parts


def kernel():
    """The folder with bzImage, vdso64.so, config and tree/ of the baked kernel."""
    for tool in ("gcc", "make", "flex", "bison", "bc"):
        if not shutil.which(tool):
            raise Skip(f"no {tool} here to build a kernel with (scripts/install-deps kernel)")
    if not os.path.exists(ARCHIVE):
        raise Skip(f"no {ARCHIVE} here (Debian's package linux-source-6.1)")
    return cache.entry("kernel", cache.key(*_ingredients()), _make_kernel)
