"""Wrapped kernels: what the compressors write loads by both calls; what is damaged is refused.

All tests share one guest. The host wraps one kernel; the damaged files are made in the guest. The
last test jumps into a kernel that was wrapped twice.
"""

import json
import shutil
import struct
import subprocess

import pytest

from kexec_guest import QUIET, archive, loaded

# A row: the kernel, what wraps it, the loading call, the layers that the plan names. The slow ones
# have a small kernel, which kexec_file_load does not take.
WRAPPED = {
    "gz": ("7.x", "gzip -1", "-c", "gzip"),
    "xz": ("7.x", "xz -0", "-s", "xz"),
    "zst": ("7.x", "zstd -q -1", "-s", "zstd"),
    "lz4": ("7.x", "lz4 -q", "-c", "lz4"),
    "lz4l": ("7.x", "lz4 -q -l", "-s", "legacy lz4"),
    "bz2": ("6.1-i386", "bzip2 -1", "-c", "bzip2"),
    "lzma": ("6.1-i386", "lzma -0", "-c", "lzma"),
    "lzo": ("7.x", "lzop", "-s", "LZO"),
    "gz.zst": ("7.x", "gzip -1 | zstd -q -1", "-c", "zstd, gzip"),
}
DEVICE_TREE = struct.pack(">II", 0xd00dfeed, 48) + bytes(40)

# A row: what makes /tmp/bad, what stderr must say.
REFUSED = {
    "truncated": ("head -c 5000000 /k.xz >/tmp/bad",
                  "/tmp/bad: the xz data is truncated: the file ends at offset 5000000"),
    "corrupt": ("cp /k.zst /tmp/bad; printf wrong | dd of=/tmp/bad bs=1 seek=3000000 conv=notrunc "
                "2>/dev/null", "/tmp/bad: the zstd data is corrupt before offset"),
    "rubbish behind it": ("cp /k.gz /tmp/bad; echo rubbish >>/tmp/bad",
                          "bytes that do not belong to it; they look like text"),
    "rubbish behind the kernel": ("zcat /k.gz >/tmp/bad; echo /init | cpio -o -H newc >>/tmp/bad",
                                  "bytes that do not belong to it; they look like a cpio archive"),
    "no kernel inside": ("gzip -c /init >/tmp/bad", "/tmp/bad: inside gzip: it looks like text"),
    "truncated inside": ("zcat /k.gz | head -c 5000000 | gzip -1 >/tmp/bad",
                         "/tmp/bad: inside gzip: the file is truncated"),
    "empty inside": ("gzip </dev/null >/tmp/bad", "there is nothing inside the gzip data"),
    "a bomb": ("cp /bomb /tmp/bad", "/tmp/bad: what is in the zstd data is more than"),
}


def output(command):
    """What a shell command of the host writes."""
    return subprocess.run(["bash", "-o", "pipefail", "-c", command], check=True,
                          stdout=subprocess.PIPE).stdout


@pytest.fixture(scope="module")
def guest(guest_factory, kernels, program):
    """A guest with the wrapped kernels in its root, and one of them loaded."""
    image = archive(program)
    for name, (kernel, command, _, _) in WRAPPED.items():
        image.file(f"/k.{name}", output(f"<{kernels(kernel).vmlinuz} {command}"))
    image.file("/bomb", output("head -c 1G /dev/zero | zstd -q -1"))
    image.file("/tree.dtb", DEVICE_TREE)
    guest = guest_factory(kernels("7.x"), image, cmdline="quiet", memory="1G")
    guest.run("mkdir /tmp/small && cp -a /bin /sbin /lib* /init /lab /tmp/small/ && cd /tmp/small "
              "&& mkdir proc sys dev tmp run && cp -a /dev/console /dev/null dev/ && "
              "find . | cpio -o -H newc >/tmp/next.cpio && rm -r /tmp/small && "
              "kexec -c -l /k.lz4", check=True)
    return guest


def test_the_hosts_compressors_are_there():
    """The rows below are worth nothing without them."""
    assert all(shutil.which(tool) for tool in ("lz4", "lzop", "bzip2", "lzma", "zstd"))


@pytest.mark.parametrize("name", WRAPPED)
def test_a_wrapped_kernel_loads(guest, name):
    _, _, method, layers = WRAPPED[name]
    guest.run("kexec -u", check=True)
    plan = guest.run(f"kexec -d {method} -l /k.{name}", check=True).out
    assert f"the kernel was unwrapped: {layers}\n" in plan
    assert f"/k.{name}, " in plan
    assert loaded(guest)
    record = json.loads(guest.run("cat /run/kexec/loaded.json", check=True).out)
    assert record["kernel"] == f"/k.{name}"
    assert f"the kernel was unwrapped: {layers}" in record["notes"]


def test_an_appended_device_tree_is_noted(guest):
    guest.run("cat /k.lz4l /tree.dtb >/tmp/appended", check=True)
    plan = guest.run("kexec -c --dry-run -l /tmp/appended", check=True).out
    assert "behind the legacy lz4 data: a device tree (48 bytes)" in plan
    assert "behind the kernel: a PE signature" in plan


@pytest.mark.parametrize("row", REFUSED)
def test_what_is_damaged_is_refused_and_what_was_loaded_stays(guest, row):
    command, message = REFUSED[row]
    guest.run(f"sha256sum /run/kexec/loaded.json >/tmp/good; {command}", check=True)
    result = guest.run("kexec -l /tmp/bad")
    assert message in result.out
    assert result.rc == 255
    assert len(result.out.splitlines()) <= 3
    assert "what was loaded before is still loaded" in result.out
    assert loaded(guest)
    guest.run("sha256sum -c /tmp/good && rm /tmp/bad", check=True)


def test_a_kernel_that_was_wrapped_twice_starts(guest, kernels):
    words = f"{QUIET} wrapped=twice"
    guest.run(f"kexec -c -l /k.gz.zst --initrd=/tmp/next.cpio --command-line='{words}'",
              check=True)
    guest.handover("kexec -e")
    assert guest.booted.release == kernels("7.x").release
    assert guest.run("cat /proc/cmdline").out.strip() == words
