"""Debian sid's crash, makedumpfile and drgn, which run on the host from the packages' files alone.

    crash_tools.run("makedumpfile", "--dump-dmesg", core, text)

They are fetched once and kept in the cache: no package is installed, no root rights are needed.
What they need of debugging symbols comes from the packages of the crashed kernel, 300 MB each.
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from lab import archive, cache, kernels

SUITE = "sid"
PACKAGES = ("crash", "makedumpfile", "python3-drgn")
WANTED = re.compile(r"(crash|makedumpfile|python3-drgn|lib.*|gcc-.*-base|zlib1g|python3.*|"
                    r"binutils.*)$")
LOADER = "usr/lib64/ld-linux-x86-64.so.2"
LIBRARIES = "usr/lib/x86_64-linux-gnu"


def tree():
    """The directory with the packages' files, fetched if the cache lacks it."""
    with cache.lock("crash-tools"):
        place = cache.directory("crash-tools") / "tree"
        if not place.exists():
            suite = archive.Suite(SUITE)
            suite.update()
            names = set().union(*(suite.closure(package, WANTED) for package in PACKAGES))
            with tempfile.TemporaryDirectory(dir=place.parent) as folder:
                partial = Path(folder) / "tree"
                suite.unpack(sorted(names), partial)
                partial.rename(place)
        return place


def run(program, *arguments, **options):
    """Run a program of the tree, as subprocess.run; its output is text."""
    top = tree()
    return subprocess.run(
        [top / LOADER, "--library-path", top / LIBRARIES, top / "usr/bin" / program, *arguments],
        env={**os.environ, "PYTHONHOME": str(top / "usr"), "TERM": "dumb"}, check=True,
        capture_output=True, text=True, errors="replace",
        **{"stdin": subprocess.DEVNULL, **options})


def add(image, program):
    """Put a program of the tree, with its loader and libraries, into an initramfs, on its PATH."""
    top = tree()
    path = top / "usr/bin" / program
    listed = subprocess.run([top / LOADER, "--library-path", top / LIBRARIES, "--list", path],
                            check=True, capture_output=True, text=True).stdout
    for library in re.findall(r" => (/\S+) \(", listed):
        image.file(f"/tools/{Path(library).name}", Path(library), 0o755)
    image.file("/tools/loader", top / LOADER, 0o755)
    image.file(f"/tools/{program}", path, 0o755)
    image.file(f"/usr/bin/{program}", "#!/bin/sh\nexec /tools/loader --library-path /tools "
                                      f'/tools/{program} "$@"\n', 0o755)


def debug_kernel(kernel):
    """The kernel's vmlinux with its debugging symbols, fetched if the cache lacks it."""
    name = f"vmlinux-{kernel.release}"
    with cache.lock("crash-symbols"):
        place = cache.directory("crash-symbols") / name
        if not place.exists():
            suite = archive.Suite(kernels.SOURCES[kernel.name].suite)
            suite.update()
            with tempfile.TemporaryDirectory(dir=place.parent) as folder:
                suite.unpack([f"linux-image-{kernel.release}-dbg"], folder)
                found, = (path for path in Path(folder).glob("usr/lib/debug/**/vmlinux*")
                          if path.is_file() and not path.is_symlink())
                found.rename(place)
        return place
