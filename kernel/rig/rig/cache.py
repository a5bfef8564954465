# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is worth keeping between runs: results by the hash of all that went into them.

A finished entry is a folder with a manifest of its files' hashes. It is made beside its place and
renamed into it, so it is there as a whole or not at all; an entry whose files no longer have the
hashes of its manifest is made again. Makers of the same entry wait for one another by a lock.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile

MANIFEST = "MANIFEST"


def root():
    """The rig's cache folder, made if need be."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = os.path.join(base, "vdk", "rig")
    os.makedirs(path, exist_ok=True)
    return path


def key(*parts):
    """One hash over texts and byte strings, each bounded so that none runs into the next."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()[:24]


def file_hash(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_key(path):
    """A hash over the names and contents of all files in a folder."""
    parts = []
    for folder, folders, files in os.walk(path):
        folders.sort()
        for name in sorted(files):
            full = os.path.join(folder, name)
            parts += [os.path.relpath(full, path), file_hash(full)]
    return key(*parts)


@contextlib.contextmanager
def lock(name):
    """Hold the cache's lock NAME; it is dropped when the holder ends, however that comes."""
    folder = os.path.join(root(), "locks")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _manifest(path):
    lines = []
    for folder, folders, files in os.walk(path):
        folders.sort()
        for name in sorted(files):
            full = os.path.join(folder, name)
            if os.path.relpath(full, path) != MANIFEST:
                lines.append(f"{file_hash(full)}  {os.path.relpath(full, path)}\n")
    return "".join(lines)


def _whole(path):
    try:
        with open(os.path.join(path, MANIFEST), encoding="utf-8") as file:
            return file.read() == _manifest(path)
    except OSError:
        return False


def entry(kind, name, make):
    """The folder KIND/NAME of the cache, made by make(folder) unless it is there and whole."""
    place = os.path.join(root(), kind, name)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with lock(f"{kind}-{name}"):
        if _whole(place):
            os.utime(place)
            return place
        shutil.rmtree(place, ignore_errors=True)
        new = tempfile.mkdtemp(prefix=f".{name}.", dir=os.path.dirname(place))
        try:
            make(new)
            with open(os.path.join(new, MANIFEST), "w", encoding="utf-8") as file:
                file.write(_manifest(new))
            os.rename(new, place)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        _forget_old(os.path.dirname(place))
        return place


def _forget_old(folder, keep=4):
    """Drop all but the entries that were used last."""
    places = [os.path.join(folder, name) for name in os.listdir(folder) if name[0] != "."]
    for place in sorted(places, key=os.path.getmtime, reverse=True)[keep:]:
        shutil.rmtree(place, ignore_errors=True)
