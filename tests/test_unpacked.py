"""Initrds that are unpacked at load time: what the next kernel is given, and what it makes of it.

With retain_initrd the next kernel shows what it was given as /sys/firmware/initrd. Debian's kernels
say "rootfs image is not initramfs" when they cannot unpack all of it.
"""

import hashlib
import json
import subprocess

import pytest

from kexec_guest import QUIET, archive, loaded, sha256
from lab.initramfs import Initramfs

PAGE = 4096
PACKERS = {
    "zstd": "zstd -q -c -3",
    "xz": "xz -c -1 --check=crc32",
    "gzip": "gzip -n",
    "lz4": "lz4 -q -l -c",
    "bzip2": "bzip2 -c",
    "lzo": "lzop -c",
    "lzma": "xz --format=lzma -c -1",
}
FAILED = "dmesg | grep -E 'Initramfs unpacking failed|rootfs image is not initramfs'"


def compress(data, packer):
    """The bytes as a tool of this host compresses them."""
    return subprocess.run(PACKERS[packer].split(), input=data, capture_output=True,
                          check=True).stdout


def small(name):
    """An archive with one file of its own name."""
    image = Initramfs()
    image.file(f"/came/{name}", f"{name}\n")
    return image.pack()


def early():
    """An early archive, as microcode is in."""
    image = Initramfs()
    image.file("/kernel/x86/microcode/GenuineIntel.bin", "nothing\n")
    return image.pack()


def padded(data, size):
    """The bytes with zeros up to a multiple of `size`."""
    return data + bytes(-len(data) % size)


def joined(parts):
    """What the next kernel gets: each part from a page boundary."""
    return b"".join(padded(part, PAGE) for part in parts[:-1]) + parts[-1]


def hand_over(guest, options):
    """Loads the initrds and jumps; what the load printed."""
    done = guest.run(f"kexec -c -l /kernels/7.x {options} --command-line='{QUIET} retain_initrd'",
                     check=True)
    guest.handover("kexec -e")
    return done.out


def test_members_of_all_formats_arrive_unpacked(boot, kernels, program):
    root = archive(program).pack()
    named = {name: small(name) for name in (*PACKERS, "plain")}
    image = archive(program, [kernels("7.x")])
    image.file("/first", padded(compress(root, "zstd") + compress(named["zstd"], "zstd") +
                                compress(named["gzip"], "gzip"), 4) + named["plain"])
    image.file("/second", b"".join(padded(compress(named[name], name), 512) for name in
                                   ("xz", "lz4", "bzip2", "lzo", "lzma")))
    image.file("/early", padded(early(), 512) + compress(small("behind"), "zstd"))
    guest = boot(kernels("7.x"), image, cmdline="quiet", memory="1G")
    plan = json.loads(guest.run("kexec --dry-run --json -c -l /kernels/7.x --initrd=/early "
                                "--initrd=/first --initrd=/second", check=True).out)
    assert [file["path"] for file in plan["initrds"]] == ["/early", "/first", "/second"]
    unpacked = [note for note in plan["notes"] if "was unpacked for the next kernel" in note]
    assert len(unpacked) == 3
    assert "(zstd, gzip)" in unpacked[1]
    assert hand_over(guest, "--initrd=/early --initrd=/first --initrd=/second") == ""
    whole = joined([padded(early(), 512), small("behind"), root, named["zstd"], named["gzip"],
                    named["plain"], *(named[name] for name in
                                      ("xz", "lz4", "bzip2", "lzo", "lzma"))])
    assert sha256(guest, "/sys/firmware/initrd") == hashlib.sha256(whole).hexdigest()
    assert sorted(guest.run("cat /came/*").out.split()) == sorted([*named, "behind"])
    assert guest.run(FAILED).out == ""
    assert guest.run("kexec --version").rc == 0


def test_a_damaged_member_is_left_to_the_next_kernel(boot, kernels, program):
    root = archive(program).pack()
    damaged = bytearray(padded(compress(small("damaged"), "gzip"), 4))
    damaged[20] ^= 0xff
    image = archive(program, [kernels("7.x")])
    image.file("/root.zst", padded(compress(root, "zstd"), 4))
    image.file("/damaged", padded(compress(small("good"), "xz"), 4) + damaged +
               compress(small("behind"), "zstd"))
    guest = boot(kernels("7.x"), image, cmdline="quiet", memory="768M")
    said = hand_over(guest, "--initrd=/root.zst --initrd=/damaged")
    assert said.startswith("kexec: warning: /damaged is handed on as it is from offset ")
    assert "the gzip data is corrupt" in said
    assert said.count("\n") == 1
    rest = bytes(damaged) + compress(small("behind"), "zstd")
    whole = joined([root, small("good"), rest])
    assert sha256(guest, "/sys/firmware/initrd") == hashlib.sha256(whole).hexdigest()
    assert guest.run("cat /came/*").out.split() == ["good"]
    assert guest.run(FAILED, check=True).out.count("\n") == 1


@pytest.fixture(scope="module")
def narrow(guest_factory, kernels, program):
    """A guest with little memory, and an initrd that is small only while it is compressed."""
    image = archive(program, [kernels("7.x")])
    large = Initramfs()
    large.file("/large", bytes(150 << 20))
    image.file("/large.zst", compress(large.pack(), "zstd"))
    return guest_factory(kernels("7.x"), image, cmdline="quiet", memory="512M")


def test_with_too_little_memory_an_initrd_stays_compressed(narrow):
    load = "-c -l /kernels/7.x --initrd=/large.zst"
    plan = json.loads(narrow.run(f"kexec --dry-run --json {load}", check=True).out)
    size = int(narrow.run("stat -c %s /large.zst").out)
    initrd, = [segment for segment in plan["segments"] if segment["name"] == "initrd"]
    assert initrd["content_size"] == size
    reason, = [note for note in plan["notes"] if note.startswith("compressed initrds are left")]
    beginning = reason.partition("more than")[0]
    assert narrow.run(f"kexec {load}", check=True).out.startswith(f"kexec: warning: {beginning}")
    assert loaded(narrow)
    narrow.run("kexec -u", check=True)
