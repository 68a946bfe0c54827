"""What a guest needs to crash on purpose, and to leave its memory on a disk that the host reads.

    disk = crash.Disk(folder / "vmcore", "512M")
    image.file("/crash.cpio", crash.initrd(kernel).pack())
    with Guest(..., cmdline="crashkernel=128M", extra=disk.arguments) as guest:
        ...                                                 # arm it, with /crash.cpio as the initrd
        guest.handover("echo c >/proc/sysrq-trigger")       # the crash kernel's /init is ready
        core = disk.keep(guest, "/proc/vmcore")

The crash kernel's initrd is the laboratory's own: a crash kernel takes commands as any other guest.
"""

import os
import subprocess

from lab.initramfs import base

# What stands between a kernel and a virtio disk, in the order of their dependencies.
MODULES = ("virtio", "virtio_ring", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci",
           "virtio_blk")
LOAD_MODULES = """#!/bin/sh
for module in {names}; do
    insmod /modules/$module.ko
done
"""


def initrd(kernel):
    """An initramfs whose kernel has a virtio disk, /dev/vda, when its /init takes commands."""
    image = base()
    add_disk(image, kernel)
    return image


def add_disk(image, kernel):
    """Let an initramfs bring the disk up before its /init takes commands."""
    names = [name for name in MODULES if add_module(image, kernel, name)]
    image.file("/lab/on-boot", LOAD_MODULES.format(names=" ".join(names)), 0o755)


def add_module(image, kernel, name):
    """Add a module; False when the kernel has none of this name, being built with it."""
    try:
        image.file(f"/modules/{name}.ko", kernel.module(name))
    except FileNotFoundError:
        return False
    return True


class Disk:
    """A disk for one file, which it holds from its first byte on; without a file system."""

    def __init__(self, path, size):
        self.path = path
        subprocess.run(["truncate", "-s", size, path], check=True)

    @property
    def arguments(self):
        """QEMU's arguments; what the guest writes as zeros takes no room on the host."""
        return ["-drive", f"file={self.path},format=raw,if=virtio,cache=unsafe,discard=unmap,"
                          "detect-zeroes=unmap"]

    def keep(self, guest, file, timeout=300):
        """Copies a file of the guest to the disk, and gives the host's file, as long as that."""
        guest.run(f"dd if={file} of=/dev/vda bs=1M oflag=direct conv=notrunc", check=True,
                  timeout=timeout)
        size = int(guest.run(f"stat -c %s {file}", check=True).out)
        os.truncate(self.path, size)
        return self.path
