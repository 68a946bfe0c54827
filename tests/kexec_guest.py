"""A guest that has the kexec program and kernels to load, and what a kernel can be asked to prove."""

import re
import secrets
from typing import NamedTuple

from lab.initramfs import base

CONSOLE = "console=ttyS0"
QUIET = f"{CONSOLE} quiet"


def archive(program, kernels=()):
    """An initramfs with the built program, and kernels by name in /kernels."""
    image = base()
    image.program(program, "/sbin/kexec")
    for kernel in kernels:
        image.file(f"/kernels/{kernel.name}", kernel.vmlinuz)
    return image


class Stamp(NamedTuple):
    """What purgatory left for the next kernel: time stamp counters, and how much it verified."""

    entered: int
    left: int
    checked: int


def stamp(guest):
    """Purgatory's stamp, read by the program; None when this kernel has none."""
    said = guest.run("kexec -S -d").out
    found = re.search(r"entered at TSC (\d+), verified (\d+) segments and left at TSC (\d+)", said)
    return Stamp(int(found[1]), int(found[3]), int(found[2])) if found else None


def memory_map(guest):
    """The firmware's memory map as the running kernel shows it."""
    text = guest.run("cd /sys/firmware/memmap && for i in *; do "
                     "echo $(cat $i/start $i/end $i/type); done", check=True).out
    return sorted(text.splitlines())


def seed_credited_at(guest):
    """The kernel's clock, in seconds, when its random generator was ready."""
    line = guest.run("dmesg | grep 'crng init done'", check=True).out
    return float(re.search(r"\[ *([\d.]+)\]", line)[1])


def pack(guest, path="/tmp/next.cpio"):
    """Packs the guest's root into an initrd that holds a file of random bytes; its SHA-256."""
    guest.run(f"head -c 100000 /dev/urandom >/proof && echo {secrets.token_hex(8)} >>/proof && "
              f"/lab/pack {path}", check=True)
    return sha256(guest, "/proof")


def sha256(guest, path):
    """The SHA-256 of a file in the guest, in hexadecimal."""
    return guest.run(f"sha256sum {path}", check=True).out.split()[0]


def loaded(guest):
    """What the kernel says: whether an image is loaded."""
    return guest.run("cat /sys/kernel/kexec_loaded", check=True).out.strip() == "1"
