# SPDX-License-Identifier: LGPL-2.1-or-later
"""The guest's file system: busybox, bash, glibc, vdk as installed, and one boot's tests."""

import os
import re
import shutil
import subprocess

from . import HERE, SOURCE, Failure, Skip

BUSYBOX = "/bin/busybox"
BASH = "/bin/bash"

# What vdk installs and nobody runs.
UNUSED = ("share/man", "share/doc", "include", "lib/x86_64-linux-gnu/pkgconfig", "lib/pkgconfig")


def _run(command, what, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False, stdin=subprocess.DEVNULL, timeout=600,
                          **more)
    if done.returncode:
        raise Failure(f"{what} failed:\n{done.stdout}")
    return done.stdout


class Guest:
    """A folder that becomes the guest's root."""

    def __init__(self, root, build, places):
        self.root, self.build = root, build
        self.programs = {}  # by name: what it was made of
        self.places = dict(places, source=SOURCE, build=build,
                           programs=os.path.join(root, "rig/bin"))

    def path(self, *parts):
        full = os.path.join(self.root, *parts)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        return full

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def copy(self, source, name, mode=None):
        target = self.path(name)
        try:
            shutil.copyfile(source, target)
        except OSError as error:
            raise Failure(f"{source}: {error.strerror}") from error
        os.chmod(target, mode or (os.stat(source).st_mode & 0o755))

    def base(self):
        """Everything but the tests."""
        for program in (BUSYBOX, BASH):
            if not os.path.exists(program):
                raise Skip(f"no {program} here (scripts/install-deps kernel)")
        self.copy(BUSYBOX, "bin/busybox")
        for applet in _run([BUSYBOX, "--list"], "busybox").split():
            if applet != "busybox":
                os.symlink("/bin/busybox", self.path("bin", applet))
        self.copy(BASH, "bin/bash")
        for folder in ("proc", "sys", "dev", "tmp", "run", "root", "etc"):
            os.makedirs(os.path.join(self.root, folder), exist_ok=True)
        self.write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
                                 "nobody:x:65534:65534:nobody:/tmp:/bin/sh\n")
        self.write("etc/group", "root:x:0:\nnogroup:x:65534:\n")
        self.copy(os.path.join(HERE, "init"), "rig/init", 0o755)
        self.copy(os.path.join(HERE, "lib.sh"), "rig/lib.sh")
        self._compile([os.path.join(HERE, "rig-exit.c")], ["-O2", "-static"], "rig-exit")
        self._install()

    def _install(self):
        if not os.path.exists(os.path.join(self.build, "build.ninja")):
            raise Failure(f"{self.build} is no build folder: run make first")
        environment = dict(os.environ, DESTDIR=self.root)
        _run(["meson", "install", "-C", self.build, "--no-rebuild", "--quiet"], "meson install",
             env=environment)
        for prefix in ("usr", "usr/local"):
            for name in UNUSED:
                shutil.rmtree(os.path.join(self.root, prefix, name), ignore_errors=True)

    def _expand(self, word, folder):
        def place(found):
            if found[1] not in self.places:
                raise Failure(f"{{{found[1]}}} is no place (README.md lists them)")
            return self.places[found[1]]

        done = re.sub(r"\{(\w+)\}", place, word)
        return done if done != word else os.path.join(folder, word)

    def _compile(self, sources, flags, name):
        _run(["gcc", "-o", self.path("rig/bin", name), *sources, *flags], f"compiling {name}")

    def add(self, test):
        """Put a test and what it asks for in place."""
        folder = os.path.dirname(test.path)
        for program in test.programs:
            flags = ["-D_GNU_SOURCE", "-O2", "-g0", "-Wall"] + ([] if program.dynamic else ["-static"])
            # Only places are expanded in flags; a flag is no path of its own.
            flags += [self._expand(flag, folder) if "{" in flag else flag
                      for flag in program.flags]
            sources = [self._expand(source, folder) for source in program.sources]
            if self.programs.setdefault(program.name, (sources, flags)) != (sources, flags):
                raise Failure(f"{test.path}: another test of this boot has another program that "
                              f"is called {program.name} (-o gives it another name)")
            self._compile(sources, flags, program.name)
        for source, name in test.files:
            self.copy(self._expand(source, folder), os.path.join("rig/files", name))
        self.copy(test.path, f"rig/tests.d/{test.name}.sh")

    def libraries(self):
        """Bring the loader and the libraries of all dynamic programs, where they expect them."""
        wanted = set()
        for folder, _, files in os.walk(self.root):
            for name in files:
                full = os.path.join(folder, name)
                if not os.path.islink(full) and _is_dynamic(full):
                    wanted |= _needs(full)
        for library in sorted(wanted):
            if not os.path.exists(os.path.join(self.root, library.lstrip("/"))):
                self.copy(library, library.lstrip("/"), 0o755)

    def pack(self, archive):
        """Write the folder as the archive that Linux unpacks; uncompressed, since an emulated CPU
        would take longer to unpack it than it takes to load."""
        names = _run(["find", ".", "-mindepth", "1"], "find", cwd=self.root)
        names = "\n".join(sorted(names.splitlines()))
        with open(archive, "wb") as file:
            subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0", "--reproducible"],
                           cwd=self.root, input=names.encode(), stdout=file, check=True,
                           timeout=300)


def _is_dynamic(path):
    with open(path, "rb") as file:
        head = file.read(20)
    # ELF, 64-bit, an executable or a shared object.
    return head[:5] == b"\x7fELF\x02" and head[16] in (2, 3)


def _needs(path):
    """What ldd finds for a program; an image of vdk's or a static program needs nothing."""
    done = subprocess.run(["ldd", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, check=False, timeout=60)
    return {found for found in re.findall(r"(?:=> |^\s*)(/\S+) \(0x", done.stdout, re.M)}
