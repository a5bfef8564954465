# SPDX-License-Identifier: LGPL-2.1-or-later
"""Debian's stock kernel: downloaded and unpacked, never installed."""

import glob
import os
import re
import shutil
import subprocess
import tempfile

from . import Skip, cache

METAPACKAGE = "linux-image-cloud-amd64"


def _output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, timeout=300)


def _resolve():
    """The package that the metapackage stands for today: its name moves with each update."""
    for attempt in range(2):
        done = _output("apt-cache", "depends", "--no-recommends", METAPACKAGE)
        found = re.search(r"Depends: (linux-image-\S+)", done.stdout)
        if found:
            policy = _output("apt-cache", "policy", found[1])
            version = re.search(r"Candidate: (\S+)", policy.stdout)
            if version and version[1] != "(none)":
                return found[1], version[1]
        # Package lists may be missing, as in a fresh container.
        if attempt == 0 and os.geteuid() == 0:
            _output("apt-get", "update", "-qq")
    return None


def _download(package, version):
    def make(folder):
        with tempfile.TemporaryDirectory() as scratch:
            # apt drops its rights for the download and must be able to write there.
            os.chmod(scratch, 0o777)
            done = subprocess.run(["apt-get", "download", "-qq", f"{package}={version}"],
                                  cwd=scratch, stderr=subprocess.PIPE, text=True, check=False,
                                  timeout=900)
            archives = glob.glob(os.path.join(scratch, "*.deb"))
            if done.returncode or len(archives) != 1:
                raise Skip(f"cannot download {package} {version}: {done.stderr.strip()}")
            unpacked = os.path.join(scratch, "x")
            subprocess.run(["dpkg-deb", "-x", archives[0], unpacked], check=True, timeout=300)
            for kernel in glob.glob(os.path.join(unpacked, "boot", "vmlinuz-*")):
                shutil.copyfile(kernel, os.path.join(folder, "bzImage"))
            for config in glob.glob(os.path.join(unpacked, "boot", "config-*")):
                shutil.copyfile(config, os.path.join(folder, "config"))
    return make


def kernel():
    """The folder with Debian's bzImage and config."""
    if not shutil.which("apt-get"):
        raise Skip("no apt-get here to download Debian's kernel with")
    resolved = _resolve()
    if not resolved:
        raise Skip(f"apt knows no {METAPACKAGE}: no package lists here?")
    return cache.entry("debian", "_".join(resolved).replace("/", "-"), _download(*resolved))
