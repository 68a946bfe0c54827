"""Debian's kernels, fetched once and kept in the cache.

    python3 -m lab.kernels [--refresh] [NAME...]

fetches the named kernels (default: all) and prints a line for each.

A kernel lives in the cache as a tree kernels/NAME_RELEASE/ and a symbolic link kernels/NAME to it.
The link's own time says when Debian's archive was last asked; after a week it is asked again, and
if that fails the cached kernel serves on for another hour.
"""

import argparse
import lzma
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from lab import archive, cache

RELEASE = re.compile(r"\blinux-image-([0-9][^\s,]*)")
KEEP_SECONDS = 7 * 24 * 3600
RETRY_SECONDS = 3600


@dataclass(frozen=True)
class Source:
    """The suite that has a kernel, and the packages of it that hold the image and the modules.

    metapackage: its dependency names the release.  packages: {} stands for the release.
    """

    suite: str
    packages: tuple
    metapackage: str = "linux-image-cloud-amd64"
    architecture: str = "amd64"


SOURCES = {
    "6.1": Source("bookworm", ("linux-image-{}",)),
    "6.12": Source("trixie", ("linux-image-{}",)),
    "7.x": Source("trixie-backports", ("linux-binary-{}", "linux-modules-{}")),
    # A 32-bit kernel, with the busybox that runs under it.
    "6.1-i386": Source("bookworm", ("linux-image-{}", "busybox-static"), "linux-image-686", "i386"),
}


@dataclass(frozen=True)
class Kernel:
    """A kernel in the cache: its tree, and there its image and its directory lib/modules/RELEASE."""

    name: str
    release: str
    tree: Path
    vmlinuz: Path
    modules: Path

    def module(self, name):
        """The bytes of one module, decompressed, by its file's name without .ko."""
        for path in sorted(self.modules.rglob(f"{name}.ko*")):
            if path.suffix == ".ko":
                return path.read_bytes()
            if path.suffix == ".xz":
                return lzma.decompress(path.read_bytes())
            if path.suffix == ".zst":
                return subprocess.run(["zstd", "-dc", path], check=True, capture_output=True).stdout
        raise FileNotFoundError(f"kernel {self.release} has no module {name}")


def get(name, refresh=False):
    """The kernel of this name (of SOURCES), fetched if the cache lacks it."""
    source = SOURCES[name]
    with cache.lock(f"kernel-{name}"):
        link = cache.directory("kernels") / name
        if refresh or not _is_recent(link):
            try:
                _renew(link, source)
            except archive.ArchiveError as error:
                if not link.exists():
                    raise
                print(f"lab: the cached kernel {name} is used, for {error}", file=sys.stderr)
                asked = time.time() - KEEP_SECONDS + RETRY_SECONDS
                os.utime(link, (asked, asked), follow_symlinks=False)
        return _describe(name, link.resolve(strict=True))


def _is_recent(link):
    return link.exists() and time.time() - link.lstat().st_mtime < KEEP_SECONDS


def _renew(link, source):
    """Make the link point to a tree with the suite's present kernel."""
    suite = archive.Suite(source.suite, source.architecture)
    suite.update()
    found = RELEASE.search(suite.field(source.metapackage, "Depends"))
    if not found:
        raise archive.ArchiveError(
            f"{source.metapackage} of {source.suite} depends on no kernel image")
    release = found[1]
    tree = link.with_name(f"{link.name}_{release}")
    if not tree.exists():
        _unpack(suite, [name.format(release) for name in source.packages], tree)
    fresh = link.with_name(f"{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(tree.name)
    fresh.rename(link)


def _unpack(suite, packages, tree):
    """Unpack the packages so that `tree` appears complete or not at all."""
    partial = Path(tempfile.mkdtemp(dir=tree.parent, prefix="partial-"))
    try:
        suite.unpack(packages, partial)
        os.chmod(partial, 0o755)
        partial.rename(tree)
    except BaseException:
        shutil.rmtree(partial)
        raise


def _describe(name, tree):
    """Where a kernel's parts are; the packages of older suites put them below /boot and /lib."""
    modules, = [*tree.glob("lib/modules/*"), *tree.glob("usr/lib/modules/*")]
    vmlinuz, = [*tree.glob("boot/vmlinuz-*"), *modules.glob("vmlinuz")]
    return Kernel(name, modules.name, tree, vmlinuz, modules)


def main():
    """Fetch what the command line names."""
    parser = argparse.ArgumentParser(prog="python3 -m lab.kernels", description="fetch kernels")
    parser.add_argument("--refresh", action="store_true", help="ask Debian's archive again")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SOURCES)}")
    chosen = parser.parse_args()
    unknown = set(chosen.names) - SOURCES.keys()
    if unknown:
        parser.error(f"no such kernel: {', '.join(sorted(unknown))}")
    for name in chosen.names or SOURCES:
        try:
            kernel = get(name, chosen.refresh)
        except archive.ArchiveError as error:
            sys.exit(f"lab: kernel {name}: {error}")
        print(name, kernel.release, kernel.vmlinuz, kernel.modules)


if __name__ == "__main__":
    main()
