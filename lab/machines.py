"""Machines of many shapes, and the hand-overs that are proven on each of them.

The shapes are not a product of all values but a set in which every two values that can meet do meet
somewhere; missing_pairs() says which do not.
"""

import itertools
from typing import NamedTuple

ABOVE_4_GIB = "6G"  # the only size with RAM above 4 GiB
TAKEN = "96M"  # enough for a kernel with its initrd, so that a plan could lie wholly inside


class Machine(NamedTuple):
    """What a guest is made of: a kernel's name, and arguments of lab.guest.Guest."""

    kernel: str = "7.x"
    memory: str = "1G"
    cpus: int = 1
    cpu: str = "max"
    uefi: bool = False
    cmdline: str = ""
    extra: tuple = ()


class Hop(NamedTuple):
    """One hand-over: the next kernel's name, and where the segments lie.

    placement: "low" (below 4 GiB), "high" (above it), both by kexec_load; "file" (where the running
    kernel puts them, by kexec_file_load).
    """

    to: str
    placement: str = "low"


class Journey(NamedTuple):
    """What is odd about a machine's memory, and its hand-overs one after the other.

    long: too much for every run of the tests.
    """

    oddities: tuple
    hops: tuple
    long: bool = False


def _holes(first, last, step):
    """Words that take away a page every `step` bytes."""
    return " ".join(f"memmap=4K${address:#x}" for address in range(first, last, step))


def _nodes(half, cpus):
    """QEMU's arguments for two NUMA nodes with half of the memory each; CPU 1 is the second's."""
    return tuple(word for node in (0, 1) for word in (
        "-object", f"memory-backend-ram,id=ram{node},size={half}",
        "-numa", f"node,nodeid={node},memdev=ram{node}" + f",cpus={node}" * (node < cpus)))


def _virtio_mem(maxmem):
    """QEMU's arguments for a device that gives 256 MiB and may take them back."""
    return ("-m", f"maxmem={maxmem}", "-object", "memory-backend-ram,id=plugged,size=512M",
            "-device", "virtio-mem-pci,memdev=plugged,requested-size=256M")


def _ramoops(address):
    return f"memmap={TAKEN}${address:#x} ramoops.mem_address={address:#x} ramoops.mem_size=0x100000"


NO_LA57 = "max,la57=off"
VGA = ("-device", "VGA")
PC = ("-machine", "pc")

# A kernel draws its own place without a look at memmap= (in the EFI stub) or at more than four of them:
# nokaslr keeps it off what they take away.
MACHINES = {
    "bios-384M-6.1": Machine("6.1", "384M"),
    "uefi-384M-6.12": Machine("6.12", "384M", 2, NO_LA57, True),
    "bios-384M-7.x": Machine("7.x", "384M", 2, "Nehalem", extra=PC),
    "uefi-1G-6.1": Machine(
        "6.1", "1G", 1, NO_LA57, True, f"nokaslr memmap={TAKEN}$0x20000000"),
    "bios-1G-6.12": Machine(
        "6.12", "1G", 2, cmdline="memhp_default_state=online",
        extra=(*_nodes("512M", 2), *_virtio_mem("2G"))),
    "uefi-1G-7.x": Machine(
        "7.x", "1G", 1, uefi=True, cmdline=f"nokaslr memmap={TAKEN}!0x20000000"),
    "bios-2G-6.1": Machine("6.1", "2G", 2, NO_LA57, cmdline=f"memmap={TAKEN}!0x40000000"),
    "uefi-2G-6.12": Machine("6.12", "2G", 1, uefi=True, extra=VGA),
    "bios-2G-7.x": Machine(
        "7.x", "2G", 1, NO_LA57, cmdline=f"nokaslr {_holes(0x8000000, 0x80000000, 40 << 20)}",
        extra=(*VGA, *PC)),
    "uefi-6G-6.1": Machine(
        "6.1", "6G", 2, uefi=True,
        cmdline=f"nokaslr {_holes(0x110000000, 0x200000000, 96 << 20)}", extra=VGA),
    "bios-6G-6.12": Machine(
        "6.12", "6G", 1, NO_LA57,
        cmdline=f"memmap={TAKEN}!0x140000000 {_ramoops(0x150000000)}"),
    "bios-6G-7.x": Machine("7.x", "6G", 2, cmdline=f"memmap={TAKEN}$0x150000000"),
    "uefi-6G-7.x": Machine(
        "7.x", "6G", 1, NO_LA57, True, "memhp_default_state=online",
        (*_nodes("3G", 1), *_virtio_mem("8G"))),
    "uefi-6G-6.12": Machine(
        "6.12", "6G", 2, uefi=True, cmdline=f"nokaslr {_ramoops(0x150000000)}"),
    "bios-6G-plain": Machine("7.x", "6G"),
}

# By the same names.
JOURNEYS = {
    "bios-384M-6.1": Journey((), (Hop("6.12"), Hop("6.12", "file"))),
    "uefi-384M-6.12": Journey((), (Hop("7.x"), Hop("6.12"), Hop("6.1")), long=True),
    "bios-384M-7.x": Journey((), (Hop("6.1"), Hop("6.1", "file")), long=True),
    "uefi-1G-6.1": Journey(
        ("bad RAM", "poisoned"), (Hop("6.12"), Hop("6.1", "file")), long=True),
    "bios-1G-6.12": Journey(("NUMA", "virtio-mem"), (Hop("6.12"), Hop("7.x", "file"))),
    "uefi-1G-7.x": Journey(("pmem",), (Hop("7.x"), Hop("6.1", "file")), long=True),
    "bios-2G-6.1": Journey(("many ranges", "pmem"), (Hop("7.x"), Hop("6.12")), long=True),
    "uefi-2G-6.12": Journey(("many ranges",), (Hop("6.1"), Hop("6.12"))),
    "bios-2G-7.x": Journey(("fragmented",), (Hop("6.12"), Hop("6.1", "file"))),
    "uefi-6G-6.1": Journey(
        ("fragmented",), (Hop("6.12", "high"), Hop("7.x", "file")), long=True),
    "bios-6G-6.12": Journey(("pmem", "ramoops"), (Hop("7.x", "high"), Hop("6.12", "file"))),
    "bios-6G-7.x": Journey(("bad RAM", "poisoned"), (Hop("7.x", "high"), Hop("6.12"))),
    "uefi-6G-7.x": Journey(
        ("NUMA", "virtio-mem"), (Hop("7.x"), Hop("6.1", "file"), Hop("6.12", "high")), long=True),
    "uefi-6G-6.12": Journey(
        ("many ranges", "ramoops"), (Hop("6.1", "high"), Hop("6.12")), long=True),
    "bios-6G-plain": Journey((), (Hop("7.x", "high"), Hop("7.x")), long=True),
}

KERNELS = ("6.1", "6.12", "7.x")
FACTORS = {
    "firmware": ("BIOS", "UEFI"),
    "memory": ("384M", "1G", "2G", "6G"),
    "CPUs": (1, 2),
    "LA57": (False, True),
    "first": KERNELS,
    "from": KERNELS,
    "to": KERNELS,
    "placement": ("low", "high", "file"),
    "oddity": ("none", "pmem", "bad RAM", "ramoops", "virtio-mem", "poisoned", "many ranges",
               "fragmented", "NUMA"),
}


def situations(name):
    """For each hop and oddity of a machine, the value of every factor."""
    machine, journey = MACHINES[name], JOURNEYS[name]
    running = machine.kernel
    for hop in journey.hops:
        for oddity in journey.oddities or ("none",):
            yield {
                "firmware": "UEFI" if machine.uefi else "BIOS",
                "memory": machine.memory,
                "CPUs": machine.cpus,
                "LA57": machine.cpu == "max",
                "first": machine.kernel,
                "from": running,
                "to": hop.to,
                "placement": hop.placement,
                "oddity": oddity,
            }
        running = hop.to


def _is_wanted(pair):
    """Whether two values can meet, and whether their meeting can matter."""
    values = dict(pair)
    if values.get("placement") == "high" and values.get("memory", ABOVE_4_GIB) != ABOVE_4_GIB:
        return False
    if values.get("oddity") == "poisoned" and values.get("from") == "6.1":
        return False  # Debian's 6.1 has no CONFIG_MEMORY_FAILURE
    if values.get("oddity") == "many ranges" and values.get("placement") == "file":
        return False  # the kernel's own code hands on 128 at most
    # The first kernel counts for what it made of the machine, "from" for what it plans and loads;
    # an oddity lies where the machine's size puts it, which "placement" stands for.
    return not (values.keys() == {"memory", "oddity"} or
                ("first" in values and values.keys() & {"from", "to", "placement", "oddity"}))


def missing_pairs(names=None):
    """The pairs of values that no hop of the named machines (default: all) proves."""
    wanted = set()
    for one, other in itertools.combinations(FACTORS, 2):
        wanted |= {((one, x), (other, y)) for x in FACTORS[one] for y in FACTORS[other]}
    proven = set()
    for name in names or MACHINES:
        for situation in situations(name):
            proven |= set(itertools.combinations(situation.items(), 2))
    return sorted(filter(_is_wanted, wanted - proven), key=str)


def missing_values(names):
    """The single values that no hop of the named machines has."""
    seen = set()
    for name in names:
        for situation in situations(name):
            seen |= set(situation.items())
    return sorted(((factor, value) for factor, values in FACTORS.items() for value in values
                   if (factor, value) not in seen), key=str)
