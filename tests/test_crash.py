"""Kernels that really crash: the crash kernel comes up, and the dead one's memory is whole.

Each row is a guest that is armed, panics, and comes up again in its crash kernel, which copies
/proc/vmcore to a disk that the host reads then.
"""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

import crash_log
from crash_guest import (MIB, Living, add_memory, arm, check_core, check_dump,
                         check_with_symbols, core_of, crash_archive, crash_guest, fill_log,
                         regions, wait_for_memory)
from kexec_guest import QUIET, arrive, load
from lab import crash, crash_core, debugger

FOUR_GIB = 1 << 32
DAMAGED_BYTE = 0x10000  # of a segment


@dataclass(frozen=True)
class Row:
    """A way to crash. `start`: the kernel that hands over to the one that crashes, by `handover`.

    offline: a CPU that is not there from before the arming on.  wrapped: the log began anew.
    """

    kernel: str
    cause: str
    options: str
    reservation: str = "128M"
    firmware: str = "BIOS"
    start: str = ""
    handover: str = ""
    cpus: int = 2
    offline: str = ""
    wrapped: bool = False


# Pairwise: kernel, cause, method, firmware, what was before, size of the reservation.
ROWS = {
    "6.1": Row("6.1", "sysrq", "-c", cpus=3, offline="1"),
    "6.12-nmi": Row("6.12", "nmi", "-s", "256M"),
    "7.x-second-cpu": Row("7.x", "second CPU", "-c", firmware="UEFI", wrapped=True),
    "7.x-entered-directly": Row("7.x", "nmi", "-c", "256M", start="6.1", handover="-c -d"),
    "6.1-handed-over": Row("6.1", "second CPU", "-s", firmware="UEFI", start="6.12", handover="-s"),
}
MORE_ROWS = {
    "7.x": Row("7.x", "sysrq", "-s", cpus=3, offline="1"),
    "6.12": Row("6.12", "sysrq", "-c", "256M", firmware="UEFI", wrapped=True),
    "6.1-nmi": Row("6.1", "nmi", "-c", "256M", firmware="UEFI"),
    "6.12-second-cpu": Row("6.12", "second CPU", "-c"),
    "7.x-nmi": Row("7.x", "nmi", "-s", firmware="UEFI"),
    "6.1-entered-directly": Row("6.1", "sysrq", "-c", "256M", start="7.x", handover="-c -d",
                                firmware="UEFI", wrapped=True),
    "6.12-entered-directly": Row("6.12", "second CPU", "-s", start="6.12", handover="-c -d"),
    "7.x-handed-over": Row("7.x", "sysrq", "-s", "256M", start="6.1", handover="-s"),
    "6.12-handed-over": Row("6.12", "nmi", "-c", start="7.x", handover="-c --plain"),
}


@pytest.fixture
def folder():
    """A directory for cores, which are too large to be kept."""
    with tempfile.TemporaryDirectory(prefix="kexec-crash-") as path:
        yield Path(path)


@pytest.mark.parametrize("name", [*ROWS, *(pytest.param(name, marks=pytest.mark.long)
                                           for name in MORE_ROWS)])
def test_a_crash_leaves_its_memory(boot, kernels, program, folder, name):
    row = {**ROWS, **MORE_ROWS}[name]
    kernel = kernels(row.kernel)
    guest, disk = machine(boot, kernels, program, folder, row)
    if row.offline:
        guest.run(f"echo 0 >/sys/devices/system/cpu/cpu{row.offline}/online", check=True)
    arm(guest, kernel, row.options)
    if row.wrapped:
        fill_log(guest)
    living = Living(guest, kernel)
    crash_guest(guest, row.cause, kernel)
    core = disk.keep(guest, "/proc/vmcore")
    guest.close()
    check_core(crash_core.open_core(core), living)
    check_dump(folder, core, row.cause)
    crash_log.check_log(program, folder, core, living.log, row.wrapped)


def machine(boot, kernels, program, folder, row):
    """A guest that runs the row's kernel with room for a crash kernel, and its disk."""
    disk = crash.Disk(folder / "core", "4G")
    first = kernels(row.start or row.kernel)
    image = crash_archive(program, *{first, kernels(row.kernel)})
    words = f"crashkernel={row.reservation} printk.devkmsg=on"
    # Wherever kernel and initrd lie, there is a gap that is large enough.
    memory = "768M" if row.reservation == "128M" else "1536M"
    guest = boot(first, image, cmdline=f"quiet {words}", memory=memory, cpus=row.cpus,
                 uefi=row.firmware == "UEFI", extra=disk.arguments)
    if row.start:
        what = load(guest, kernels(row.kernel), row.handover, f"{QUIET} {words}")
        assert bool(re.search("^form: +direct", what.out, re.MULTILINE)) == ("-d" in row.handover)
        arrive(guest, what)
    return guest, disk


@pytest.mark.parametrize("name,options", [
    ("6.12", "-c"), pytest.param("7.x", "-s", marks=pytest.mark.long),
    pytest.param("6.1", "-c", marks=pytest.mark.long)])
def test_a_reservation_above_4_gib(boot, kernels, program, folder, name, options):
    """With a second one below; the dead kernel's memory lies on both sides, too."""
    kernel = kernels(name)
    disk = crash.Disk(folder / "core", "1G")
    guest = boot(kernel, crash_archive(program, kernel, tools=["makedumpfile"]), memory="6G",
                 cmdline="quiet crashkernel=256M,high crashkernel=128M,low",
                 extra=disk.arguments)
    arm(guest, kernel, options)
    living = Living(guest, kernel, [(FOUR_GIB, 2 * FOUR_GIB), (MIB, FOUR_GIB)])
    low, high = living.named("Crash kernel")
    assert low.end <= FOUR_GIB <= high.start
    crash_guest(guest, "sysrq", kernel)
    check_core(core_of(guest), living)
    guest.run("makedumpfile -l -d31 /proc/vmcore /tmp/dump", check=True)
    dump = disk.keep(guest, "/tmp/dump")
    guest.close()
    assert "sysrq triggered crash" in crash_log.dumped(folder, dump)


@pytest.mark.parametrize("name,options", [
    ("7.x", "-c --hotplug"), pytest.param("6.12", "-s", marks=pytest.mark.long),
    pytest.param("6.12", "-c --hotplug", marks=pytest.mark.long)])
def test_memory_that_came_after_the_arming_is_there(boot, kernels, program, name, options):
    """The kernel itself adds it to the armed image."""
    kernel = kernels(name)
    guest = boot(kernel, crash_archive(program, kernel), memory="768M,slots=2,maxmem=4G",
                 cmdline="quiet crashkernel=128M")
    arm(guest, kernel, options)
    added = add_memory(guest, 256)
    living = Living(guest, kernel, [added, (MIB, FOUR_GIB)])
    crash_guest(guest, "sysrq", kernel)
    check_core(core_of(guest), living)


@pytest.mark.long
def test_the_memory_of_virtio_mem_is_there(boot, kernels, program):
    """It came before the arming, by a driver that the crash kernel does not load."""
    kernel = kernels("7.x")
    image = crash_archive(program, kernel)
    image.file("/virtio_mem.ko", kernel.module("virtio_mem"))
    guest = boot(kernel, image, cmdline="quiet crashkernel=128M",
                 memory="768M,maxmem=4G",
                 extra=["-object", "memory-backend-ram,id=more,size=512M", "-device",
                        "virtio-mem-pci,memdev=more,requested-size=256M"])
    guest.run("insmod /virtio_mem.ko", check=True)
    wait_for_memory(guest, "System RAM (virtio_mem)", 256 * MIB)
    arm(guest, kernel, "-c")
    added, *_ = [(region.start, region.end) for region in regions(guest)
                 if region.name == "System RAM (virtio_mem)"]
    living = Living(guest, kernel, [added, (MIB, FOUR_GIB)])
    crash_guest(guest, "sysrq", kernel)
    check_core(core_of(guest), living)


@pytest.mark.parametrize("segment", ["kernel", pytest.param("initrd", marks=pytest.mark.long)])
def test_a_damaged_crash_image_ends_in_a_reset(boot, kernels, program, folder, segment):
    """One byte of it is written over in the machine's memory, which no CPU can do any more."""
    kernel = kernels("6.12")
    guest = boot(kernel, crash_archive(program, kernel), memory="768M",
                 cmdline="quiet crashkernel=128M",
                 extra=debugger.arguments(folder / "debugger"))
    plan = arm(guest, kernel, "-d -c")
    start = int(re.search(rf"^  \w  {segment} +0x([0-9a-f]+)-", plan, re.MULTILINE)[1], 16)
    with debugger.Debugger(folder / "debugger") as stub:
        stub.write_physical(start + DAMAGED_BYTE, b"damaged")
    since = len(guest.console)
    guest.start("echo c >/proc/sysrq-trigger")
    guest.wait_console(rf'kexec: segment "{segment}" at 0x0*{start:x} was damaged', since=since)
    assert guest.wait_end() == "guest-reset"


@pytest.mark.long
@pytest.mark.parametrize("name", ["6.1", "6.12", "7.x"])
def test_what_others_read_with_debugging_symbols(boot, kernels, program, folder, name):
    """drgn and crash open the core."""
    kernel = kernels(name)
    guest, disk = machine(boot, kernels, program, folder, Row(name, "sysrq", "-c"))
    arm(guest, kernel, "-c")
    living = Living(guest, kernel)
    tasks = len(guest.run("ls -d /proc/[0-9]*", check=True).out.split())
    crash_guest(guest, "sysrq", kernel)
    core = disk.keep(guest, "/proc/vmcore")
    guest.close()
    check_with_symbols(folder, kernel, core, living, tasks)
