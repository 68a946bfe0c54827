"""Debian 13's systemd as an initrd that consists of nothing else, fetched once and kept in the cache.

It is made of the packages' files alone: no package is installed, no root rights are needed.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from lab import archive, cache
from lab.initramfs import Initramfs

SUITE = "trixie"
PACKAGES = re.compile(r"(systemd|libsystemd-shared|libsystemd0|libacl1|libapparmor1|libaudit1|"
                      r"libblkid1|libc6|libcap-ng0|libcap2|libcrypt1|libgcc-s1|libmount1|libpam0g|"
                      r"libpcre2-8-0|libseccomp2|libselinux1|libssl3t64|libzstd1|zlib1g)$")
LIBRARIES = "usr/lib/x86_64-linux-gnu"
LOADER = "usr/lib64/ld-linux-x86-64.so.2"
KEPT = ("usr/lib/systemd/systemd", "usr/lib/systemd/systemd-executor", "usr/lib/os-release",
        LOADER, f"{LIBRARIES}/*.so*", f"{LIBRARIES}/systemd/*.so")


def tree():
    """The directory with the packages' files, fetched if the cache lacks it."""
    with cache.lock("systemd"):
        place = cache.directory("systemd") / SUITE
        if not place.exists():
            suite = archive.Suite(SUITE)
            suite.update()
            partial = Path(tempfile.mkdtemp(dir=place.parent, prefix="partial-"))
            try:
                suite.unpack(suite.closure("systemd", PACKAGES), partial)
                partial.rename(place)
            except BaseException:
                shutil.rmtree(partial)
                raise
        return place


def initrd():
    """An initrd whose /init is systemd, with what it needs to run services in an initrd."""
    image = Initramfs()
    top = tree()
    for pattern in KEPT:
        for path in sorted(top.glob(pattern)):
            name = f"/{path.relative_to(top)}"
            if path.is_symlink():
                image.symlink(name, path.readlink())
            else:
                image.file(name, path, 0o755)
    for link in "bin", "lib", "lib64", "sbin":
        image.symlink(f"/{link}", f"usr/{link}")
    image.symlink("/init", "usr/lib/systemd/systemd")
    image.program(shutil.which("busybox"), "/usr/bin/busybox")
    for path in "/dev", "/etc", "/proc", "/run", "/sys", "/tmp", "/usr/bin", "/usr/sbin", "/var":
        image.directory(path)
    image.node("/dev/console", "c", 5, 1)
    image.file("/etc/initrd-release", "ID=lab\n")
    image.file("/etc/machine-id", "")
    image.file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
    return image


def encrypt(name, content):
    """A credential as systemd-creds encrypts it, with a key that everybody knows."""
    top = tree()
    libraries = f"{top / LIBRARIES}:{top / LIBRARIES / 'systemd'}"
    return subprocess.run(
        [top / LOADER, "--library-path", libraries, top / "usr/bin/systemd-creds", "encrypt",
         "--with-key=null", f"--name={name}", "-", "-"],
        input=content, check=True, capture_output=True).stdout
