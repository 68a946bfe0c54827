"""Machines of every shape: each is handed over two or three times, and loses nothing on the way."""

import json

import pytest

import odd_memory
from kexec_guest import (NO_CPU_SEED, QUIET, SEGMENTS, archive, arrive, check_stamp, load,
                         memory_map, stamp)
from lab import machines
from odd_memory import overlap

FOUR_GIB = 1 << 32
PLACEMENT = {
    "low": f"-c --mem-max={FOUR_GIB:#x}",
    "high": f"-c --mem-min={FOUR_GIB:#x}",
    "file": "-s",
}

# Of boot_params: screen_info but for the cursor, which a kernel's decompressor moves, and a size of
# memory from before there were memory maps; and the byte that says whether Secure Boot is on.
SCREEN = "od -An -v -tx1 -j 4 -N 60 /sys/kernel/boot_params/data"
SECURE_BOOT = ("od -An -v -tx1 -j 492 -N 1 /sys/kernel/boot_params/data; "
               "dmesg | grep -oE '[Ss]ecure boot .*'")
FIRMWARE = ("cd /sys/firmware/efi || exit 0; ls; cat config_table fw_vendor systab; "
            "for i in $(seq 0 999); do test -e runtime-map/$i || break; cd runtime-map/$i; "
            "echo $i $(cat type phys_addr virt_addr num_pages attribute); cd ../..; done")


class Seen:
    """What a kernel sees of its machine and the next one must see again."""

    def __init__(self, guest):
        self.memory = memory_map(guest)
        self.firmware = guest.run(FIRMWARE).out
        self.screen = guest.run(SCREEN).out
        self.framebuffer = guest.run("dmesg | grep -oE 'efifb: (framebuffer at|mode is) .*'").out
        self.secure_boot = guest.run(SECURE_BOOT).out
        self.cpus = guest.run("nproc").out + guest.run("grep -c -w la57 /proc/cpuinfo").out


def shapes():
    """The machines, those that take too long for every run marked so."""
    return [pytest.param(name, marks=pytest.mark.long if journey.long else ())
            for name, journey in machines.JOURNEYS.items()]


def merged(memory):
    """A memory map with neighbours of one type joined.

    Kernels before 6.8 keep an unknown node of setup_data as a range of its own, which their
    kexec_file_load hands on; its type, 128, is shown as RAM.
    """
    ranges = []
    for start, end, kind in sorted((int(words[0], 16), int(words[1], 16), words[2])
                                   for words in (line.split(" ", 2) for line in memory)):
        if ranges and ranges[-1][1:] == (start - 1, kind):
            start = ranges.pop()[0]
        ranges.append((start, end, kind))
    return ranges


def plan(guest, hop, more="", initrd="/small"):
    """The plan of a hop by kexec_load, made in the running kernel; None when there is no room."""
    options = PLACEMENT[hop.placement] if hop.placement != "file" else "-c"
    done = guest.run(
        f"kexec --dry-run --json {options} {more} -l /kernels/{hop.to} --initrd={initrd}")
    if done.rc == 255 and "the largest gap there is" in done.out:
        return None
    assert done.rc == 0, done.out
    return json.loads(done.out)


def places(made):
    """The segments of a plan or a record by name: (start, end)."""
    return {segment["name"]: (int(segment["start"], 16), int(segment["end"], 16))
            for segment in made["segments"]}


def touched(made, ranges):
    """Which of the ranges a plan's segments touch."""
    return [one for one in ranges
            if any(overlap(one, segment) for segment in places(made).values())]


def window(bounds):
    """Options for a plan that may lie nowhere else."""
    return f"--mem-min={bounds[0]:#x} --mem-max={bounds[1]:#x}"


def check_plans(guest, hop, oddities):
    """No plan touches odd memory, not even where there is no other; an ordinary machine's would."""
    initrd = f"/kernels/{hop.to}"  # as good as any
    options = " ".join(
        oddity.find(guest, lambda options: places(plan(guest, hop, options, initrd)))
        for oddity in oddities)
    never = [one for oddity in oddities for one in oddity.never(guest)]
    made = plan(guest, hop, options, initrd)
    assert touched(made, never) == []
    for region in made["usable_memory"]:
        usable = int(region["start"], 16), int(region["end"], 16)
        assert not any(overlap(usable, one) for one in never)
    found = [page for oddity in oddities for page in oddity.found]
    windows = [(bounds, oddity.looks_like_ram) for oddity in oddities
               for bounds in oddity.forced(guest)]
    for bounds, _ in windows:
        assert plan(guest, hop, window(bounds)) is None
    if not found and not windows:
        return
    with odd_memory.hidden(guest, never):
        assert touched(plan(guest, hop, options, initrd), found) == found
        for bounds, looks_like_ram in windows:
            assert (plan(guest, hop, window(bounds)) is not None) == looks_like_ram


def check_placement(guest, hop, oddities):
    """What was loaded lies where it was to lie, and on nothing odd."""
    record = json.loads(guest.run("cat /run/kexec/loaded.json", check=True).out)
    if hop.placement == "file":
        assert record["method"] == "file"
        return
    assert len(places(record)) == SEGMENTS
    for start, end in places(record).values():
        assert start >= FOUR_GIB if hop.placement == "high" else end <= FOUR_GIB
    assert touched(record, [one for oddity in oddities for one in oddity.never(guest)]) == []


def check_arrival(guest, hop, first):
    """The machine is the one that the first kernel saw."""
    now = Seen(guest)
    assert merged(now.memory) == merged(first.memory)
    assert now.firmware == first.firmware
    assert now.cpus == first.cpus
    assert now.secure_boot == first.secure_boot
    if hop.placement == "file":  # the kernel's own code describes the screen as it does
        assert stamp(guest) is None
    else:
        assert (now.screen, now.framebuffer) == (first.screen, first.framebuffer)
        check_stamp(guest)


@pytest.mark.parametrize("name", shapes())
def test_a_machine_is_handed_over(boot, kernels, program, name):
    machine, journey = machines.MACHINES[name], machines.JOURNEYS[name]
    names = {machine.kernel, *(hop.to for hop in journey.hops)}
    image = archive(program, [kernels(hop) for hop in sorted({hop.to for hop in journey.hops})])
    if journey.oddities:
        for kernel in map(kernels, sorted(names)):
            for module, content in odd_memory.modules_of(kernel):
                image.file(f"/modules/{kernel.release}/{module}.ko", content)
    arguments = machine._asdict() | {"cmdline": f"quiet {machine.cmdline}".strip()}
    guest = boot(kernels(arguments.pop("kernel")), image, **arguments)
    oddities = [odd_memory.KINDS[oddity]() for oddity in journey.oddities]
    for oddity in oddities:
        oddity.begin(guest)
    first = Seen(guest)
    for oddity in oddities:
        oddity.leave(guest)
    words = f"{QUIET} {NO_CPU_SEED} log_buf_len=1M {machine.cmdline}".strip()
    for number, hop in enumerate(journey.hops, 1):
        guest.run("echo made of nothing >/small", check=True)
        check_plans(guest, hop, oddities)
        what = load(guest, kernels(hop.to), PLACEMENT[hop.placement], f"{words} hop={number}")
        assert what.out == ""
        check_placement(guest, hop, oddities)
        arrive(guest, what)
        check_arrival(guest, hop, first)
        for oddity in oddities:
            oddity.begin(guest)
            oddity.arrived(guest)
    guest.start("poweroff -f")
    assert guest.wait_end() == "guest-shutdown"


def test_what_iomem_shows_as_ram_may_still_be_withheld(boot, kernels, program):
    """A block that was taken offline; and ramoops inside RAM, which only the driver tells of."""
    kernel, hop = kernels("7.x"), machines.Hop("6.12")
    image = archive(program, [kernels("6.12")])
    for module in "reed_solomon", "ramoops":
        image.file(f"/modules/{kernel.release}/{module}.ko", kernel.module(module))
    guest = boot(kernel, image, cmdline="quiet nokaslr movablecore=1G reserve_mem=96M:4096:oops",
                 memory="2G")
    guest.run("echo made of nothing >/small", check=True)

    size = int(guest.run("cat /sys/devices/system/memory/block_size_bytes", check=True).out, 16)
    blocks = guest.run("cd /sys/devices/system/memory && grep -lw Movable memory*/valid_zones").out
    for line in reversed(blocks.splitlines()):  # a page that somebody holds keeps its block online
        block = line.split("/")[0]
        bounds = int(block[6:]) * size, (int(block[6:]) + 1) * size
        assert plan(guest, hop, window(bounds)) is not None
        if guest.run(f"echo offline >/sys/devices/system/memory/{block}/state").rc == 0:
            break
    assert guest.run(f"cat /sys/devices/system/memory/{block}/state").out == "offline\n"
    assert plan(guest, hop, window(bounds)) is None

    odd_memory.insert(guest, "reed_solomon", "ramoops mem_name=oops")
    start, size = map(int, guest.run("cd /sys/module/ramoops/parameters && "
                                     "cat mem_address mem_size", check=True).out.split())
    bounds = start, start + size
    assert plan(guest, hop, window(bounds)) is None
    guest.run("rmmod ramoops", check=True)
    assert plan(guest, hop, window(bounds)) is not None
