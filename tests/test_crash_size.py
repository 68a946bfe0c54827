"""Whether a reservation is large enough: what is predicted of it, and what a panic makes of it."""

import json

import pytest

from crash_guest import CRASH_WORDS, crash_archive, is_armed
from lab.guest import GuestError

MIB = 1 << 20
AROUND = (-32, -16, -8, 8, 16)  # MiB from what is said to be needed
FIRST = 128


def boot_with(boot, kernel, program, mebibytes):
    """A guest with a reservation of this size."""
    return boot(kernel, crash_archive(program, kernel), memory="1536M",
                cmdline=f"quiet crashkernel={mebibytes}M")


def prediction(guest, kernel):
    """What `kexec check` says of the kernel and its initrd: fits or not, and the bytes needed."""
    said = json.loads(guest.run("kexec check --panic --json --dump-directory=/tmp "
                                f"--initrd=/crash/{kernel.name} /kernels/{kernel.name}").out)
    size, = (rule for rule in said["check"]["rules"] if rule["id"] == "size")
    return size["result"] in ("ok", "warning"), said["check"]["memory"]["needed"]


def comes_up(guest, kernel):
    """Whether a crash kernel can be loaded, and takes commands after a panic."""
    guest.run(f"kexec -c -p /kernels/{kernel.name} --initrd=/crash/{kernel.name} "
              f"--command-line='{CRASH_WORDS}'")
    if not is_armed(guest):
        return False
    try:
        guest.handover("echo c >/proc/sysrq-trigger")
    except GuestError as error:
        assert "before LAB-READY came" in str(error)  # it was reset, and did not hang
        return False
    return guest.run("test -s /proc/vmcore").rc == 0


@pytest.mark.long
@pytest.mark.parametrize("name", ["6.1", "6.12", "7.x"])
def test_what_is_said_to_fit_does(boot, kernels, program, name):
    kernel = kernels(name)
    guest = boot_with(boot, kernel, program, FIRST)
    fits, needed = prediction(guest, kernel)
    assert fits and comes_up(guest, kernel)
    guest.close()
    for distance in AROUND:
        guest = boot_with(boot, kernel, program, needed // MIB + distance)
        found = prediction(guest, kernel)[0], comes_up(guest, kernel)
        assert found == (distance > 0, distance > 0), distance
        guest.close()
