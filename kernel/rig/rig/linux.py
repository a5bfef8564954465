# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rig's own kernel: Debian's Linux 6.1 source with vdk's vDSOs baked in.

The cache has finished kernels, by the hash of all that went into them, and one working folder with
the source tree and its object files, in which a changed vDSO is rebuilt within seconds.
"""

import os
import re
import shutil
import subprocess

from . import HERE, SOURCE, Failure, Skip, cache

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

# What is baked in, and what of this source tree decides what that does to the kernel's.
BAKED = ("vdsos/notb", "examples/pulse")
BAKERS = ("kernel/bake", "src/build", "sdk", "include/vdk/bits/record.h", "include/vdk/record.h",
          "include/vdk/vdso.h", "include/vdk/update.h")

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
        shutil.rmtree(self.folder, ignore_errors=True)
        self._extract(wanted)

    def _extract(self, state):
        os.makedirs(self.tree)
        _run(["tar", "-xf", ARCHIVE, "-C", self.tree, "--strip-components=1"]
             + [f"--exclude=linux-source-6.1/{pattern}" for pattern in DROPPED],
             f"extracting {ARCHIVE}")
        with open(self.state, "w", encoding="utf-8") as file:
            file.write(state)

    def restore(self):
        """The tree as it came, while the object files stay: whatever was changed in it since is
        newer than the mark that extracting left, and must be compiled again."""
        with open(self.state, encoding="utf-8") as file:
            state = file.read()
        since, changed = os.path.getmtime(self.state), []
        for folder, _, files in os.walk(self.tree):
            paths = [os.path.join(folder, name) for name in files]
            changed += [path for path in paths if os.lstat(path).st_mtime > since]
        os.unlink(self.state)
        shutil.rmtree(self.tree)
        self._extract(state)
        for path in changed:
            if os.path.exists(path):
                os.utime(path)

    def make(self, *arguments):
        return _run(["make", "-s", f"-j{os.cpu_count()}", "-C", self.tree, f"O={self.obj}",
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

    def bake(self, vdk):
        """Have the vDSOs in the tree, and no others. Files that are right are not touched."""
        baked = os.path.join(self.folder, "baked")
        try:
            with open(baked, encoding="utf-8") as file:
                others = file.read() != " ".join(BAKED)
        except OSError:
            others = True
        if others:
            _run([vdk, "bake", "--tree", self.tree, "--revert"], "vdk bake --revert")
        folders = [os.path.join(SOURCE, folder) for folder in BAKED]
        _run([vdk, "bake", *folders, "--tree", self.tree], "vdk bake")
        with open(baked, "w", encoding="utf-8") as file:
            file.write(" ".join(BAKED))

    def build(self, vdk):
        """Have a kernel of today's sources in obj/, from whatever an earlier run left."""
        self.prepare()
        try:
            self.bake(vdk)
        except Failure:
            # Another version of the kit has changed the tree, or was stopped while it did.
            self.restore()
            self.bake(vdk)
        used = os.path.exists(self.obj)
        try:
            self.configure()
            self.make("bzImage")
        except Failure as failure:
            # Object files may be what is wrong, unless it is the source that a compiler names.
            if not used or re.search(r"^\S+:\d+:\d+: error:", str(failure), re.M):
                raise
            shutil.rmtree(self.obj)
            self.configure()
            self.make("bzImage")


def _make_kernel(folder, vdk):
    if shutil.disk_usage(cache.root()).free < SPACE:
        raise Skip(f"less than {SPACE >> 30} GiB free in {cache.root()}: no room for a kernel")
    with cache.lock("work"):
        work = Work()
        work.build(vdk)
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
    for name in BAKED + BAKERS:
        path = os.path.join(SOURCE, name)
        parts += [name, cache.folder_key(path) if os.path.isdir(path) else cache.file_hash(path)]
    return parts


def kernel(build):
    """By the vdk of a build folder: the folder with bzImage, vdso64.so, config and tree/ of the baked kernel."""
    for tool in ("gcc", "make", "flex", "bison", "bc"):
        if not shutil.which(tool):
            raise Skip(f"no {tool} here to build a kernel with (scripts/install-deps kernel)")
    if not os.path.exists(ARCHIVE):
        raise Skip(f"no {ARCHIVE} here (Debian's package linux-source-6.1)")
    vdk = os.environ.get("VDK") or os.path.join(build, "tool", "vdk")
    return cache.entry("kernel", cache.key(*_ingredients()),
                       lambda folder: _make_kernel(folder, vdk))
