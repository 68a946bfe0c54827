"""Machines of other shapes: what must never be a destination."""

import json

from kexec_guest import QUIET, archive

PLAN = "kexec -c --dry-run --json -l /kernels/7.x --initrd=/kernels/7.x"


def segments(guest):
    """The plan's segments by name: (start, end)."""
    plan = json.loads(guest.run(PLAN, check=True).out)
    return {segment["name"]: (int(segment["start"], 16), int(segment["end"], 16))
            for segment in plan["segments"]}


def test_a_poisoned_page_is_never_a_destination(boot, kernels, program):
    """A free page in the middle of where the initrd would lie is found broken."""
    guest = boot(kernels("7.x"), archive(program, [kernels("7.x")]), cmdline="quiet", memory="1G")
    start, end = segments(guest)["initrd"]
    bad = next(page for page in range((start + end) // 2 & ~0xfff, end, 0x1000)
               if guest.run(f"echo {page:#x} >/sys/devices/system/memory/hard_offline_page").rc == 0)
    assert guest.run("grep -c 'HardwareCorrupted: *[1-9]' /proc/meminfo").rc == 0
    assert not any(first <= bad < last for first, last in segments(guest).values())
    guest.run(f"kexec -c -l /kernels/7.x --command-line='{QUIET}'", check=True)
