"""Initrds: many of them, a bootconfig that must end the whole, a filesystem as the only one.

Debian's kernels are built without CONFIG_BOOT_CONFIG and have no /proc/bootconfig. They take a
bootconfig off the initrd all the same, when it is at the very end and its checksum is right, and
what is left can be seen with retain_initrd: so its size tells whether the bootconfig was found.
"""

import base64
import json
import struct

import pytest

from kexec_guest import QUIET, archive, loaded, pack, sha256
from lab.initramfs import Initramfs

SMALL = 300
PAGE = 4096


@pytest.fixture(scope="module")
def guest(guest_factory, kernels, program):
    """One guest for all tests, with small archives that each hold one file."""
    image = archive(program, [kernels("7.x")])
    for number in range(SMALL):
        small = Initramfs()
        small.file(f"/came/{number}", f"{number}\n")
        image.file(f"/small/{number}.cpio", small.pack())
    return guest_factory(kernels("7.x"), image, cmdline="quiet", memory="1536M")


def trailer(text):
    """A bootconfig as the kernel's own tool puts it behind an initrd."""
    data = text.encode() + bytes(-len(text) % 4)
    return data + struct.pack("<II", len(data), sum(data)) + b"#BOOTCONFIG\n"


def append(guest, path, data):
    """Appends bytes to a file in the guest."""
    guest.run(f"echo {base64.b64encode(data).decode()} | base64 -d >>{path}", check=True)


def size(guest, path):
    """The size of a file in the guest."""
    return int(guest.run(f"stat -c %s {path}", check=True).out)


def make_initrds(guest, name):
    """Three initrds, the first with a bootconfig: what each file's content must be, by its path."""
    contents = {"/proof": pack(guest, "/tmp/first")}
    append(guest, "/tmp/first", trailer('kernel.panic = "1"\ninit.systemd = on, off\n'))
    for number, packer in enumerate(("gzip", "cat"), 2):
        path = f"/{name}-{number}"
        guest.run(f"cd /tmp && head -c 333{number} /dev/urandom >.{path} && "
                  f"echo .{path} | cpio -o -H newc | {packer} >/tmp/{number}", check=True)
        contents[path] = sha256(guest, f"/tmp{path}")
    return contents


def plan(guest, options):
    """The plan of a load, as an object."""
    return json.loads(guest.run(f"kexec --dry-run --json -l /kernels/7.x {options}",
                                check=True).out)


def check_arrival(guest, contents):
    for path, digest in contents.items():
        assert sha256(guest, path) == digest
    assert guest.run("dmesg | grep -E 'unpacking failed|bootconfig (size|checksum)'").out == ""


THREE = "--initrd=/tmp/first --initrd=/tmp/2 --initrd=/tmp/3"
MOVED = "the bootconfig at the end of /tmp/first was put behind all initrds"
BOOTCONFIG_SIZE = len(trailer('kernel.panic = "1"\ninit.systemd = on, off\n'))


def test_a_bootconfig_in_the_first_of_very_many_initrds_by_kexec_load(guest):
    contents = make_initrds(guest, "load")
    options = (f"-c {THREE} $(for i in /small/*; do echo --initrd=$i; done) "
               f"--command-line='{QUIET} retain_initrd'")
    before = plan(guest, options)
    assert len(before["initrds"]) == 3 + SMALL
    assert any(note.startswith(MOVED) for note in before["notes"])
    initrd, = [segment for segment in before["segments"] if segment["name"] == "initrd"]
    assert guest.run(f"kexec -l /kernels/7.x {options}", check=True).out == ""
    guest.handover("kexec -e")
    check_arrival(guest, contents)
    assert guest.run("cd /came && cat $(ls | sort -n)").out.split() == [
        str(number) for number in range(SMALL)]
    retained = size(guest, "/sys/firmware/initrd")
    assert retained == initrd["content_size"] - BOOTCONFIG_SIZE
    assert retained % PAGE == 0


def test_a_bootconfig_in_the_first_of_three_initrds_by_kexec_file_load(guest):
    contents = make_initrds(guest, "file")
    end = size(guest, "/tmp/first") - BOOTCONFIG_SIZE
    for path in "/tmp/2", "/tmp/3":
        end = end + -end % 4 + size(guest, path)
    assert guest.run(f"kexec -s -l /kernels/7.x {THREE} --command-line='{QUIET} retain_initrd'",
                     check=True).out == ""
    guest.handover("kexec -e")
    check_arrival(guest, contents)
    assert size(guest, "/sys/firmware/initrd") == end + -end % 4


WARNINGS = {
    "two bootconfigs": (
        "--initrd=/tmp/one --initrd=/tmp/two --initrd=/small/1.cpio",
        "the bootconfig at the end of /tmp/one is left out: the kernel takes only one, "
        "and /tmp/two has one, too"),
    "a wrong checksum": ("--initrd=/tmp/wrong --initrd=/small/1.cpio",
                         "/tmp/wrong ends like a bootconfig, but its checksum is wrong"),
    "a filesystem before others": ("--initrd=/tmp/ext --initrd=/small/1.cpio",
                                   "/tmp/ext looks like a filesystem (ext)"),
    "a filesystem behind others": ("--initrd=/small/1.cpio --initrd=/tmp/ext",
                                   "/tmp/ext looks like a filesystem (ext)"),
    "no format at all": ("--initrd=/init", "/init is no cpio archive"),
}


@pytest.mark.parametrize("row", WARNINGS)
@pytest.mark.parametrize("method", ["-c", "-s"])
def test_what_the_kernel_will_not_take_is_warned_of(guest, row, method):
    options, words = WARNINGS[row]
    make_odd_files(guest)
    done = guest.run(f"kexec {method} -l /kernels/7.x {options}", check=True)
    assert done.out.startswith(f"kexec: warning: {words}")
    assert done.out.count("\n") == 1
    assert loaded(guest)


def make_odd_files(guest):
    """The files of the warnings, once."""
    if guest.run("test -e /tmp/ext").rc == 0:
        return
    guest.run("cd /tmp && for i in one two wrong; do cp /small/0.cpio $i; done && "
              "dd if=/dev/zero of=ext bs=1k count=1023 && mke2fs -F ext", check=True)
    append(guest, "/tmp/one", trailer("a = 1\n"))
    append(guest, "/tmp/two", trailer("b = 1\n"))
    append(guest, "/tmp/wrong", trailer("c = 1\n").replace(b"c", b"d"))


def test_a_filesystem_as_the_only_initrd_is_handed_on_as_it_is(guest):
    make_odd_files(guest)
    whole = size(guest, "/tmp/ext")
    before = plan(guest, "-c --initrd=/tmp/ext")
    assert before["initrds"] == [{"path": "/tmp/ext", "size": whole}]
    initrd, = [segment for segment in before["segments"] if segment["name"] == "initrd"]
    assert initrd["content_size"] == initrd["checked_size"] == whole
    note, = [note for note in before["notes"] if "/tmp/ext" in note]
    assert note == ("/tmp/ext is no cpio archive: it looks like a filesystem (ext), and is handed "
                    "on as it is")
    for method in "-c", "-s":
        guest.run("kexec -u", check=True)
        assert guest.run(f"kexec {method} -l /kernels/7.x --initrd=/tmp/ext", check=True).out == ""
        assert loaded(guest)


def test_more_initrds_than_files_may_be_open_is_an_error_with_both_numbers(guest):
    many = "$(for i in $(seq 100); do echo --initrd=/small/$i.cpio; done)"
    done = guest.run(f"ulimit -Sn 40; kexec -c -l /kernels/7.x {many}")
    assert (done.rc, done.out) == (0, "")
    done = guest.run(f"ulimit -n 140; kexec -c -l /kernels/7.x {many}")
    assert done.rc == 1
    assert done.out.startswith("kexec: cannot load: 100 initrds need 164 open files, and this "
                               "process may have 140 at most")
    assert "what was loaded before is still loaded" in done.out
