"""A machine that runs Debian's kdump-tools, unchanged, under Debian's systemd.

The packages' files are fetched once and kept in the cache. What the machine's crash kernel gets is
what Debian's does: it boots the same system, which finds /proc/vmcore, saves it below /var/crash
and reboots. /var/crash is the file system on the machine's disk.
"""

import subprocess
import tempfile
from pathlib import Path

from lab import archive, cache, crash, crash_tools, systemd

SUITE = "trixie"
PACKAGES = ("kdump-tools", "sysvinit-utils")
KEPT = ("etc/init.d/kdump-tools", "etc/kdump/sysctl.conf", "usr/sbin/kdump-config",
        "usr/share/kdump-tools/*", "usr/lib/systemd/system/kdump-tools*.service",
        "usr/lib/lsb/init-functions", "usr/lib/init/vars.sh")
DISK = """[Unit]
DefaultDependencies=no
Before=sysinit.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c '/lab/on-boot; mount -t ext4 /dev/vda /var/crash'
RemainAfterExit=yes
"""


def tree():
    """The directory with the packages' files, fetched if the cache lacks it."""
    with cache.lock("kdump-tools"):
        place = cache.directory("kdump-tools") / SUITE
        if not place.exists():
            suite = archive.Suite(SUITE)
            suite.update()
            with tempfile.TemporaryDirectory(dir=place.parent) as folder:
                partial = Path(folder) / "tree"
                suite.unpack(PACKAGES, partial)
                partial.rename(place)
        return place


def machine(kernel, program):
    """An initramfs of the machine, with the program as /usr/sbin/kexec."""
    image = _system(kernel)
    image.file("/usr/sbin/kexec", program, 0o755)
    image.file(f"/boot/vmlinuz-{kernel.release}", kernel.vmlinuz)
    image.file(f"/var/lib/kdump/initrd.img-{kernel.release}", _system(kernel).pack())
    image.file(f"/var/lib/kdump/latest_sysctls-{kernel.release}", tree() / "etc/kdump/sysctl.conf")
    return image


def _system(kernel):
    image = systemd.machine()
    top = tree()
    for pattern in KEPT:
        for path in sorted(top.glob(pattern)):
            image.file(f"/{path.relative_to(top)}", path, path.stat().st_mode & 0o777)
    # The package's own script copies it there.
    image.file("/etc/default/kdump-tools", top / "usr/share/kdump-tools/kdump-tools.conf")
    crash.add_disk(image, kernel)
    crash_tools.add(image, "makedumpfile")
    image.directory("/var/crash")
    image.file("/etc/systemd/system/disk.service", DISK)
    image.symlink("/etc/systemd/system/sysinit.target.wants/disk.service", "../disk.service")
    return image


def make_disk(path, size):
    """A disk with an empty file system; QEMU's arguments for it."""
    disk = crash.Disk(path, size)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", path], check=True, capture_output=True)
    return disk.arguments


def saved(disk, folder):
    """What was saved on the disk, copied to the folder: the paths of the dump and of the log."""
    # The journal may hold what a machine that reset in a hurry did not write elsewhere.
    subprocess.run(["e2fsck", "-f", "-p", disk], check=False, capture_output=True)
    subprocess.run(["debugfs", "-R", f"rdump / {folder}", disk], check=True, capture_output=True)
    dump, = folder.glob("*/dump.*")
    log, = folder.glob("*/dmesg.*")
    return dump, log
