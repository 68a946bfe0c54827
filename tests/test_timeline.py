"""`kexec timeline` after real hand-overs, held against the emulator's own clock.

The guest counts instructions, one a nanosecond of the emulator's clock. That clock is read without
the time stamp counter, which the program uses, and without what a kernel makes of it: from ACPI's
power management timer, which QEMU computes from its clock when it is read. The host reads it through
QEMU's monitor while the guest stands at a breakpoint: at purgatory's first instruction, at the next
kernel's, and at the first instruction of its /init.
"""

import json
import re
import shutil
import subprocess
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from kexec_guest import archive
from lab import debugger
from lab.initramfs import base
from schema import check_json

TIMER_HERTZ, TIMER_TICKS = 3579545, 1 << 24
PARAMETERS_ENTRY = 0x8008  # in purgatory's window: where the next kernel is entered
BEHIND_RDTSC = 4           # in purgatory: just behind the instruction that takes the time
ON_BOOT = """#!/bin/sh
insmod /virtio_blk.ko
mkdir -p /var
mount -t ext4 /dev/vda /var
"""
WORDS = "console=ttyS0 quiet"
STAGES = ["shutdown", "devices", "digest", "jump", "kernel", "user-space"]


class Clocks(NamedTuple):
    """The emulator's clock and the kernel's, in seconds, and the time stamp counter."""

    emulator: float
    kernel: float
    counter: int


class Events(NamedTuple):
    """When things happened, in seconds since the jump was stamped, and when that was."""

    purgatory: float
    kernel: float
    init: float
    start: float


class Subject:
    """The guest, what is loaded in it, and QEMU's debugger stub."""

    def __init__(self, guest, stub):
        self.guest = guest
        self.stub = stub
        self.port = guest.run("awk -F'[ :-]+' '/PM_TMR/ {print $2}' /proc/ioports",
                              check=True).out.strip()

    def clocks(self, text=None):
        """Both clocks: now, or what is in a text last."""
        text = text or self.guest.run(f"read-clocks {self.port}", check=True).out
        timer, kernel, counter = map(int, re.findall(r"CLOCKS (\d+) (\d+) (\d+)", text)[-1])
        return Clocks(timer / TIMER_HERTZ, kernel / 1e9, counter)

    def emulator(self):
        """The emulator's clock while the guest stands still."""
        return int(self.guest.monitor(f"i /wx 0x{self.port}").rpartition("=")[2], 16) / TIMER_HERTZ

    def load(self, options):
        """Load the same kernel with the small initrd."""
        self.guest.run(f"kexec load {options} /var/kernel --initrd=/var/next --command-line='{WORDS}'",
                       check=True, timeout=300)

    def load_slowly(self, options):
        """Likewise, with something to unpack that takes the next kernel two seconds.

        The kernel logs that it runs /init, and then takes about 13 ms to execute it, of which nothing
        tells afterwards: next to these seconds that is less than 1 %.
        """
        self.guest.run("dd if=/dev/zero of=/zeros bs=1M count=64", check=True)
        self.load(f"{options} --initrd=/zeros")

    def timeline(self):
        """The detail of `kexec timeline --json`."""
        done = self.guest.run("kexec timeline --json", check=True)
        return check_json(done.out)["timeline"]


def since(start, clock):
    """Seconds from one reading of the timer to another; it turns over after less than 5 s."""
    return (clock - start) % (TIMER_TICKS / TIMER_HERTZ)


def init_entry():
    """The address of the first instruction of /init's interpreter."""
    busybox = base()._entries["/bin/busybox"].data  # pylint: disable=protected-access
    assert busybox[16] == 2, "the breakpoint needs a busybox at a fixed address"
    return int.from_bytes(busybox[24:32], "little")


@pytest.fixture(scope="module")
def subject(guest_factory, kernels, program, tmp_path_factory):
    """A guest with a disk on /var that lasts over hand-overs."""
    folder = tmp_path_factory.mktemp("timeline")
    kernel = kernels("7.x")
    image = archive(program)
    image.file("/virtio_blk.ko", kernel.module("virtio_blk"))
    image.file("/bin/read-clocks", program.parent / "tests" / "read-clocks", 0o755)
    image.file("/lab/on-boot", ON_BOOT, 0o755)
    disk, content = folder / "disk", folder / "content"
    (content / "lib").mkdir(parents=True)
    shutil.copy(kernel.vmlinuz, content / "kernel")
    image.write(content / "next", "zstd")
    subprocess.run(["/sbin/mke2fs", "-q", "-t", "ext2", "-d", content, disk, "64M"], check=True,
                   stdout=subprocess.DEVNULL)
    guest = guest_factory(
        kernel, image, timeout=300, cmdline="quiet", memory="1G", icount=True,
        # When all is idle the clock would otherwise jump ahead, and it is idle at a breakpoint too.
        extra=["-icount", "sleep=on", "-drive", f"file={disk},if=none,id=disk,format=raw",
               "-device", "virtio-blk-pci,drive=disk", *debugger.arguments(folder / "stub")])
    return Subject(guest, folder / "stub")


def test_a_cold_boot_is_no_hand_over(subject):
    done = subject.guest.run("kexec timeline")
    assert done.rc == 3
    assert done.out == ("kexec: cannot show a timeline: this kernel was started by a boot loader: "
                        "there was no hand-over\n")
    report = check_json(subject.guest.run("kexec timeline --json 2>/dev/null").out)
    assert report["exit_code"] == 3 and "timeline" not in report


def follow(subject):
    """Jump, and stop the guest at each event on the way; the events.

    Where the guest stands still, a moment of the host's time is added to its clock when it goes on:
    so it stops just behind what takes a stamp, and the moment counts for the next stage in both.
    """
    guest = subject.guest
    plan = json.loads(guest.run("cat /run/kexec/loaded.json", check=True).out)
    entry = int(plan["entry"], 16)
    console = len(guest.console)
    with debugger.Debugger(subject.stub) as stub:
        stub.start(entry + BEHIND_RDTSC)
        guest.start(f"sleep 3; read-clocks {subject.port} >/dev/ttyS0; kexec -e")
        before = subject.clocks(guest.wait_console(r"CLOCKS .*\n", 120, console)[0])
        stub.wait(entry + BEHIND_RDTSC)
        purgatory = subject.emulator()
        stub.run_to(int(guest.monitor(f"xp /1gx {entry + PARAMETERS_ENTRY:#x}").split(":")[1], 16))
        kernel = subject.emulator()
        stub.run_to(init_entry())
        init = subject.emulator()
    guest.ready(300)
    stamp = json.loads(guest.run("cat /var/lib/kexec/jumped.json", check=True).out)
    assert stamp["by"] == "kexec -e"
    # What passed from the timer to the stamp, while the program started, is about 2 ms by the counter.
    started = (int(stamp["tsc"], 16) - before.counter) / 1e9
    assert 0 < started < 0.1
    return Events(*(since(before.emulator, clock) - started for clock in (purgatory, kernel, init)),
                  before.emulator + started)


def durations(timeline):
    """The stages that are known, in seconds, by name."""
    assert [stage["name"] for stage in timeline["stages"]] == STAGES
    return {stage["name"]: stage["ns"] / 1e9 for stage in timeline["stages"]
            if stage["ns"] is not None}


def reasons(timeline):
    """Why stages are unknown, by name."""
    return {stage["name"]: stage["unknown_because"] for stage in timeline["stages"]
            if stage["ns"] is None}


def near(seconds):
    """Within 1 %."""
    return pytest.approx(seconds, rel=0.01)


def test_stages_are_those_of_the_emulators_clock(subject):
    subject.load_slowly("-c --plain")
    events = follow(subject)
    now = subject.clocks()
    found = subject.timeline()
    stages = durations(found)
    assert set(stages) == {"devices", "digest", "jump", "kernel"}
    assert stages["devices"] == near(events.purgatory)
    assert stages["digest"] == near(events.kernel - events.purgatory)
    zero = since(events.start, now.emulator - now.kernel)
    assert stages["jump"] == near(zero - events.kernel)
    assert stages["jump"] + stages["kernel"] == near(events.init - events.kernel)
    assert found["blackout_ns"] / 1e9 == near(events.init)
    assert found["tsc_hz"] == pytest.approx(1e9, rel=1e-4)
    assert found["uncertainty_ns"] < 1e6
    assert reasons(found).keys() == {"shutdown", "user-space"}


def test_it_is_drawn_as_bars_and_as_a_picture(subject):
    done = subject.guest.run("kexec timeline --svg=/tmp/timeline.svg", check=True)
    lines = done.out.splitlines()
    bars = [line for line in lines if re.search(r" [\d.]+ (us|ms|s)  +#+$", line)]
    assert [line[:28].strip() for line in bars] == [
        "device shutdown, copy", "digest", "jump to kernel clock", "kernel to /init"]
    assert re.search(r"^blackout, from the jump to /init: [\d.]+ s$", done.out, re.M)
    assert re.search(r"^verified before the jump: \d segments, with registers of 256 bits$",
                     done.out, re.M)
    picture = ElementTree.fromstring(subject.guest.run("cat /tmp/timeline.svg", check=True).out)
    assert len(picture.findall("{*}rect/{*}title")) == 4


def test_without_the_exec_stamp_the_rest_is_known(subject):
    subject.guest.run("mv /var/lib/kexec/jumped.json /tmp/", check=True)
    found = subject.timeline()
    assert set(durations(found)) == {"digest", "jump", "kernel"}
    assert "something else than this program" in reasons(found)["devices"]
    assert found["blackout_ns"] is None
    subject.guest.run("echo nonsense >/var/lib/kexec/jumped.json", check=True)
    assert "cannot be read or understood" in reasons(subject.timeline())["devices"]
    subject.guest.run("mv /tmp/jumped.json /var/lib/kexec/", check=True)
    assert subject.timeline()["blackout_ns"]


def test_a_clock_that_ran_ahead_leaves_a_sum(subject):
    """Entered directly, this kernel counts some timer interrupts too many before its clock is good."""
    subject.load_slowly("-c")
    events = follow(subject)
    found = subject.timeline()
    stages = durations(found)
    assert set(stages) == {"devices", "digest"}
    assert stages["devices"] == near(events.purgatory)
    assert "ran ahead" in reasons(found)["jump"] and "ran ahead" in reasons(found)["kernel"]
    last = found["spans"][-1]
    assert (last["from"], last["to"]) == ("left", "init")
    assert last["ns"] / 1e9 == near(events.init - events.kernel)
    assert found["blackout_ns"] / 1e9 == near(events.init)


def test_after_kexec_file_load_the_purgatorys_stages_are_one(subject):
    """What ordered the shutdown jumps in its turn: both are stamped."""
    subject.load("-s")
    subject.guest.run("printf '#!/bin/sh\\nkexec -e -x\\n' >/sbin/shutdown && "
                      "chmod +x /sbin/shutdown", check=True)
    subject.guest.handover("kexec reboot", 300)
    found = subject.timeline()
    assert set(durations(found)) == {"shutdown", "kernel"}
    assert all("kexec_file_load" in reasons(found)[name] for name in ("devices", "digest", "jump"))
    together, = (span for span in found["spans"] if span["from"] == "jumped")
    assert together["to"] == "kernel"
    kernel = round(durations(found)["kernel"] * 1e9)
    assert found["blackout_ns"] == together["ns"] + kernel
    assert "these together" in subject.guest.run("kexec timeline", check=True).out
