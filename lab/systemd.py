"""Debian 13's systemd in an initramfs with nothing else, fetched once and kept in the cache.

It is made of the packages' files alone: no package is installed, no root rights are needed.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from lab import archive, cache
from lab.initramfs import HERE, Initramfs, applets

SUITE = "trixie"
PACKAGES = re.compile(r"(systemd|libsystemd-shared|libsystemd0|libacl1|libapparmor1|libaudit1|"
                      r"libblkid1|libc6|libcap-ng0|libcap2|libcrypt1|libgcc-s1|libmount1|libpam0g|"
                      r"libpcre2-8-0|libseccomp2|libselinux1|libssl3t64|libzstd1|zlib1g|"
                      r"dbus-daemon|libdbus-1-3|libexpat1|udev|libudev1|libkmod2|liblzma5)$")
LIBRARIES = "usr/lib/x86_64-linux-gnu"
LOADER = "usr/lib64/ld-linux-x86-64.so.2"
KEPT = ("usr/lib/systemd/systemd", "usr/lib/systemd/systemd-executor", "usr/lib/os-release",
        LOADER, f"{LIBRARIES}/*.so*", f"{LIBRARIES}/systemd/*.so")

# What a shutdown consists of, what it leads to, and who is asked for it.
SHUTDOWN = ("usr/bin/systemctl", "usr/lib/systemd/systemd-shutdown",
            "usr/lib/systemd/systemd-logind", "usr/bin/dbus-daemon",
            *(f"usr/lib/systemd/system/{name}" for name in (
                "basic.target", "sysinit.target", "shutdown.target", "umount.target",
                "final.target", "kexec.target", "reboot.target", "systemd-kexec.service",
                "systemd-reboot.service")))
# What tells of devices that come and go.
UDEV = ("usr/bin/udevadm", "usr/lib/systemd/systemd-udevd")
UDEV_UNIT = ("[Unit]\nDefaultDependencies=no\nBefore=basic.target\n[Service]\nType=notify\n"
             "ExecStart=/usr/lib/systemd/systemd-udevd\n")
UNITS = {
    "dbus.socket": "[Socket]\nListenStream=/run/dbus/system_bus_socket\n",
    "dbus.service": "[Unit]\nRequires=dbus.socket\n[Service]\nType=notify\nExecStart="
                    "/usr/bin/dbus-daemon --config-file=/lab/bus.conf --address=systemd: --nofork\n",
    "systemd-logind.service": "[Unit]\nRequires=dbus.socket\nAfter=dbus.socket\n[Service]\n"
                              "Type=notify\nExecStart=/usr/lib/systemd/systemd-logind\n"
                              "RuntimeDirectory=systemd/seats systemd/sessions systemd/users\n",
    "default.target": "[Unit]\nRequires=basic.target\nAfter=basic.target\n"
                      "Wants=lab.service\nAllowIsolate=yes\n",
}
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
<type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default">
<allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/><allow user="*"/>
</policy>
</busconfig>
"""
SERVICE = """[Service]
ExecStart=/bin/sh /lab/serve
Environment=PATH=/bin:/sbin HOME=/
TimeoutStopSec=5
"""


def tree():
    """The directory with the packages' files, fetched if the cache lacks it."""
    with cache.lock("systemd"):
        place = cache.directory("systemd") / f"{SUITE}-dbus-udev"
        if not place.exists():
            suite = archive.Suite(SUITE)
            suite.update()
            partial = Path(tempfile.mkdtemp(dir=place.parent, prefix="partial-"))
            try:
                names = {*suite.closure("systemd", PACKAGES),
                         *suite.closure("dbus-daemon", PACKAGES),
                         *suite.closure("udev", PACKAGES)}
                suite.unpack(sorted(names), partial)
                partial.rename(place)
            except BaseException:
                shutil.rmtree(partial)
                raise
        return place


def initrd():
    """An initrd whose /init is systemd, with what it needs to run services in an initrd."""
    image = _image(KEPT)
    image.file("/etc/initrd-release", "ID=lab\n")
    return image


def machine(udev=False):
    """A system that runs under systemd for good, in which a service talks to guest.Guest.

    logind is there and does not run before it is started. It can shut down, and /usr/lib/systemd/system-shutdown is for programs that see its last moment.
    udev: whether udevd runs, too.
    """
    image = _image(KEPT + SHUTDOWN + (UDEV if udev else ()))
    if udev:
        image.file("/etc/systemd/system/systemd-udevd.service", UDEV_UNIT)
        image.symlink("/etc/systemd/system/basic.target.wants/systemd-udevd.service",
                      "../systemd-udevd.service")
    for applet in applets():
        image.symlink(f"/usr/bin/{applet}", "busybox")
    commands = (HERE / "guest-init.sh").read_text()
    image.file("/lab/serve", commands[commands.index("exec 3<>"):])
    image.file("/lab/pack", HERE / "guest-pack.sh", 0o755)
    image.file("/lab/bus.conf", BUS)
    image.file("/etc/group", "root:x:0:\n")
    image.file("/etc/nsswitch.conf", "passwd: files\ngroup: files\n")
    for name, unit in {**UNITS, "lab.service": SERVICE}.items():
        image.file(f"/etc/systemd/system/{name}", unit)
    return image


def _image(patterns):
    image = Initramfs()
    top = tree()
    for pattern in patterns:
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
