"""A crash kernel is loaded by both calls, and a panic starts it with the dead kernel's memory.

What it takes to lose one that is loaded is here too; crashes of all kinds are in test_crash*.py.
"""

import base64
import gzip
import json
import re
import struct

import pytest

from conftest import ROOT
from kexec_guest import CONSOLE, archive, pack, sha256
from schema import check_json

RESERVED = 192 << 20
WORDS = f"{CONSOLE} nr_cpus=1 irqpoll reset_devices nokaslr panic=-1"
CRASH = "echo c >/proc/sysrq-trigger"
PT_LOAD, PT_NOTE = 1, 4
TEXT_START = 0xFFFFFFFF80000000  # where x86-64 kernels map their image
SEGMENTS = 6  # with elfcorehdr
LOW_START, LOW_SIZE = 0x1000, 0x9E000  # RAM below 640 KiB, whole pages


def image_of(program, kernel):
    """An initramfs with the program, the kernel, and the words that crash kernels want."""
    image = archive(program, [kernel])
    image.file("/usr/lib/kexec/crash-words.conf", ROOT / "conf" / "crash-words.conf")
    return image


def armed(guest):
    """What the kernel says: whether a crash kernel is loaded."""
    return guest.run("cat /sys/kernel/kexec_crash_loaded", check=True).out.strip() == "1"


def arm_command(kernel, options):
    """The classic command line that loads a crash kernel with what pack() has packed."""
    return (f"kexec {options} -p /kernels/{kernel.name} --initrd=/tmp/next.cpio "
            f"--command-line='{WORDS}'")


def record(guest):
    """What the record says of the crash image."""
    return json.loads(guest.run("cat /run/kexec/crash.json", check=True).out)


def vmcore_headers(guest):
    """The program headers of /proc/vmcore: type, offset, virtual, physical, size."""
    text = guest.run("head -c 4096 /proc/vmcore | base64", check=True).out
    head = base64.b64decode(text)
    assert head[:6] == b"\x7fELF\2\1"
    (first,), (count,) = struct.unpack_from("<Q", head, 32), struct.unpack_from("<H", head, 56)
    return [(kind, at, virtual, physical, size) for kind, _, at, virtual, physical, size, _, _ in (
        struct.unpack_from("<IIQQQQQQ", head, first + 56 * i) for i in range(count))]


def check_vmcore(guest, release):
    """/proc/vmcore shows the dead kernel: its notes, its image, its RAM without the reservation."""
    headers = vmcore_headers(guest)
    notes = [one for one in headers if one[0] == PT_NOTE]
    loads = [one for one in headers if one[0] == PT_LOAD]
    text = guest.run(f"dd if=/proc/vmcore bs=1 skip={notes[0][1]} count={notes[0][4]} 2>/dev/null"
                     f" | grep -a -c OSRELEASE={re.escape(release)}").out
    assert text.strip() == "1"
    assert loads[0][2] >= TEXT_START
    assert len({virtual - physical for _, _, virtual, physical, _ in loads[1:]}) == 1
    assert min(physical for _, _, _, physical, _ in loads) >= 1 << 20
    total = sum(size for _, _, _, _, size in loads[1:])
    assert (1 << 30) - RESERVED - (32 << 20) < total < (1 << 30) - RESERVED


def check_that_nothing_can_be_armed(guest, kernel):
    """A crash kernel has no reservation of its own."""
    assert guest.run("kexec --print-ckr-size", check=True).out == "0\n"
    for options in ("-c", "-s"):
        refused = guest.run(arm_command(kernel, options).replace("/tmp/next.cpio", "/proof"))
        assert refused.rc == 1
        assert "no memory is reserved for a crash kernel" in refused.out
        assert "NOT ARMED" in refused.out


class TestArming:
    """One guest is armed and disarmed in all ways, and at the end it panics."""

    @pytest.fixture(scope="class")
    def guest(self, guest_factory, kernels, program):
        guest = guest_factory(kernels("7.x"), image_of(program, kernels("7.x")), memory="1G",
                              cpus=2, cmdline=f"quiet crashkernel={RESERVED >> 20}M")
        pack(guest)
        return guest

    def test_the_reservation_is_told(self, guest):
        assert guest.run("kexec --print-ckr-size", check=True).out == f"{RESERVED}\n"
        assert guest.run("kexec -S").rc == 0

    @pytest.mark.parametrize("options", ["-c", "-s", "-a", "", "-c --hotplug",
                                         "-c --pass-memmap-cmdline"])
    def test_it_is_armed_and_disarmed(self, guest, kernels, options):
        done = guest.run(arm_command(kernels("7.x"), options), check=True)
        assert done.out == ""
        assert armed(guest)
        assert guest.run("kexec -S").rc == 1
        assert record(guest)["kind"] == "crash"
        guest.run("kexec -p -u", check=True)
        assert not armed(guest)
        assert guest.run("test -e /run/kexec/crash.json").rc == 1

    def test_a_change_of_cpus_is_the_kernels_affair_with_hotplug_alone(self, guest, kernels):
        file = "/sys/devices/system/cpu/crash_hotplug"
        guest.run(arm_command(kernels("7.x"), "-c"), check=True)
        assert guest.run(f"cat {file}").out.strip() == "0"
        guest.run(arm_command(kernels("7.x"), "-c --hotplug"), check=True)
        assert guest.run(f"cat {file}").out.strip() == "1"

    def test_what_the_kernel_drops_is_loaded_again(self, guest, kernels):
        """The kernel gets segments that lie outside of what is really reserved."""
        guest.run(arm_command(kernels("7.x"), "-s"), check=True)
        before = record(guest)
        real = guest.run("grep -m1 'Crash kernel' /proc/iomem", check=True).out
        start, last = (int(part, 16) for part in real.split(":")[0].split("-"))
        guest.run(f"sed 's/{start:08x}-{last:08x} : Crash/{start:08x}-{last + (64 << 20):08x} : "
                  "Crash/' /proc/iomem >/tmp/iomem && mount --bind /tmp/iomem /proc/iomem",
                  check=True)
        done = guest.run(arm_command(kernels("7.x"), "-c"))
        guest.run("umount /proc/iomem", check=True)
        assert done.rc == 255
        assert "a segment's place is not one that it can reach" in done.out
        assert "now: armed" in done.out
        assert armed(guest)
        assert record(guest) == before

    def test_without_a_way_back_the_kernel_is_not_asked(self, guest, kernels):
        guest.run("mv /run/kexec/crash.json /tmp", check=True)
        refused = guest.run(arm_command(kernels("7.x"), "-c"))
        assert refused.rc == 255
        assert "--allow-disarm" in refused.out
        assert armed(guest)
        guest.run(arm_command(kernels("7.x"), "-c --allow-disarm"), check=True)

    def test_a_spent_limit_is_told_and_nothing_is_lost(self, guest, kernels):
        limit = "/proc/sys/kernel/kexec_load_limit_panic"
        guest.run(f"echo 2 >{limit}", check=True)
        guest.run(arm_command(kernels("7.x"), "-c"), check=True)
        assert guest.run(f"cat {limit}").out.strip() == "1"
        refused = guest.run(arm_command(kernels("7.x"), "-c"))
        assert refused.rc == 255
        assert "this sysctl allows one more load only" in refused.out
        assert armed(guest)

    def test_a_panic_starts_it(self, guest, kernels):
        """With the running command line, as crash-words.conf changes it."""
        proof = pack(guest)
        done = guest.run("kexec load --panic --allow-disarm --json "
                         f"/kernels/{kernels('7.x').name} --initrd=/tmp/next.cpio", check=True)
        report = check_json(done.out)
        assert report["armed"] is True
        assert report["load"]["hotplug"] is True
        assert len(report["load"]["segments"]) == SEGMENTS
        guest.handover(CRASH)
        assert guest.run("cat /proc/cmdline").out.strip() == report["load"]["command_line"]
        assert "crashkernel=" not in report["load"]["command_line"]
        assert sha256(guest, "/proof") == proof
        check_vmcore(guest, kernels("7.x").release)
        check_that_nothing_can_be_armed(guest, kernels("7.x"))


@pytest.mark.parametrize(("name", "options"), [
    ("6.12", "-s"),
    pytest.param("6.1", "-c", marks=pytest.mark.long),
    pytest.param("7.x", "-s", marks=pytest.mark.long),
])
def test_a_panic_starts_what_is_loaded(boot, kernels, program, name, options):
    guest = boot(kernels(name), image_of(program, kernels(name)), memory="1G",
                 cmdline=f"quiet crashkernel={RESERVED >> 20}M")
    proof = pack(guest)
    guest.run(arm_command(kernels(name), options), check=True)
    guest.handover(CRASH)
    assert sha256(guest, "/proof") == proof
    check_vmcore(guest, kernels(name).release)


@pytest.mark.long
def test_of_an_older_kernel_the_lowest_memory_is_saved(boot, kernels, program, tmp_path):
    """6.1 is taken for 5.4: its crash kernel writes there, and the dump has what was before."""
    before, now = tmp_path / "before", tmp_path / "now"
    guest = boot(kernels("6.1"), image_of(program, kernels("6.1")), memory="1G",
                 cmdline=f"quiet crashkernel={RESERVED >> 20}M")
    pack(guest)
    guest.run("echo 5.4.0 >/tmp/osrelease && "
              "mount --bind /tmp/osrelease /proc/sys/kernel/osrelease", check=True)
    guest.run(arm_command(kernels("6.1"), "-c"), check=True)
    guest.monitor(f'pmemsave {LOW_START} {LOW_SIZE} "{before}"')
    guest.handover(CRASH)
    guest.monitor(f'pmemsave {LOW_START} {LOW_SIZE} "{now}"')
    _, offset, _, start, _ = next(one for one in vmcore_headers(guest) if one[3] < 1 << 20 and one[3])
    assert start == LOW_START
    dumped = base64.b64decode(guest.run(
        f"dd if=/proc/vmcore bs=4096 skip={offset // 4096} count={LOW_SIZE // 4096} 2>/dev/null"
        " | gzip -1 | base64", check=True).out)
    assert gzip.decompress(dumped) == before.read_bytes() != now.read_bytes()
