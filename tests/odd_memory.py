"""Memory that looks like RAM and is none, or not for ever: where it lies, and what it must keep.

An oddity is asked in this order: begin() in each kernel; leave() in the first one, arrived() in all
others; find(), never() and forced() before each hand-over.
"""

import base64
import contextlib
import re
import struct

MIB = 1 << 20
PAGE = 4096
KPF_BUDDY = 10  # linux/kernel-page-flags.h
IOMEM_LINE = re.compile(r"^( *)([0-9a-f]+)-([0-9a-f]+) : (.*)$", re.MULTILINE)
MEMMAP_WORD = re.compile(r"memmap=(\d+)([KM])([!$])(0x[0-9a-f]+)")
UNITS = {"K": 1 << 10, "M": MIB}


def modules_of(kernel):
    """The modules that the oddities need, in the order of insmod, as far as they are not built in."""
    for name in ("virtio", "virtio_ring", "virtio_pci_modern_dev", "virtio_pci_legacy_dev",
                 "virtio_pci", "virtio_mem", "libnvdimm", "nd_btt", "nd_pmem", "nd_e820",
                 "reed_solomon", "ramoops"):
        try:
            yield name, kernel.module(name)
        except FileNotFoundError:
            pass


def insert(guest, *names):
    """Inserts modules of the running kernel; those that are built in have no file."""
    for name in names:
        module, _, arguments = name.partition(" ")
        path = f"/modules/{guest.booted.release}/{module}.ko"
        guest.run(f"test ! -e {path} || insmod {path} {arguments}", check=True)


def overlap(one, other):
    """Whether two half-open ranges have an address in common."""
    return one[0] < other[1] and other[0] < one[1]


def iomem(guest):
    """/proc/iomem's ranges: (depth, start, end, name)."""
    text = guest.run("cat /proc/iomem", check=True).out
    return [(len(line[1]) // 2, int(line[2], 16), int(line[3], 16) + 1, line[4])
            for line in IOMEM_LINE.finditer(text)]


def taken_by_words(guest, sign):
    """The ranges that memmap= takes away on the running kernel's command line."""
    words = guest.run("cat /proc/cmdline").out
    return [(int(word[4], 16), int(word[4], 16) + int(word[1]) * UNITS[word[2]])
            for word in MEMMAP_WORD.finditer(words) if word[3] == sign]


class Oddity:
    """What is common to them; nothing is odd yet.

    found: pages that the kernel found broken since it started.
    looks_like_ram: the firmware's map calls it RAM, so that one map alone would not protect it.
    """

    found = ()
    looks_like_ram = True

    def begin(self, guest):
        """In each kernel: make the oddity what it is."""

    def never(self, guest):
        """The ranges that no segment may touch."""
        return []

    def find(self, guest, plan):
        """Before each hand-over: break something where segments would lie.

        plan: a function from options to a plan's segments by name. Returns the options with which
        an unsuspecting plan would lie on it.
        """
        return ""

    def forced(self, guest):
        """Windows in which a plan has no room but on the oddity; empty where that cannot be."""
        return []

    def leave(self, guest):
        """In the first kernel: write what must still be there later."""

    def arrived(self, guest):
        """In each later kernel: what was left is there."""


class TakenAway(Oddity):
    """memmap= with this sign, which /proc/iomem must show under this name."""

    sign, shown_as = "$", "Reserved"

    def never(self, guest):
        shown = {(start, end, name) for depth, start, end, name in iomem(guest) if depth == 0}
        ranges = taken_by_words(guest, self.sign)
        assert ranges
        for start, end in ranges:
            assert (start, end, self.shown_as) in shown
        return ranges

    def forced(self, guest):
        return [(start, end) for start, end in taken_by_words(guest, self.sign)
                if end - start > 64 * MIB]


class Pmem(TakenAway):
    """A disk of emulated persistent memory."""

    sign, shown_as = "!", "Persistent Memory (legacy)"

    def __init__(self):
        self.content = None

    def begin(self, guest):
        insert(guest, "libnvdimm", "nd_btt", "nd_pmem", "nd_e820")
        # The driver probes in the background.
        guest.run("for i in $(seq 50); do test -b /dev/pmem0 && break; sleep 0.2; done; "
                  "test -b /dev/pmem0", check=True)

    def leave(self, guest):
        size = int(guest.run("cat /sys/block/pmem0/size", check=True).out) * 512
        for position in (0, size // 2, size - MIB):
            guest.run("dd if=/dev/urandom of=/dev/pmem0 bs=4096 count=256 conv=notrunc "
                      f"seek={position // PAGE}", check=True)
        self.content = self._digest(guest)

    def arrived(self, guest):
        assert self._digest(guest) == self.content

    def _digest(self, guest):
        return guest.run("sync && md5sum /dev/pmem0", check=True).out


class Ramoops(TakenAway):
    """The record of an oops, kept in memory that memmap= took away."""

    TEXT = b"the last words of a kernel\n" * 40

    def begin(self, guest):
        words = guest.run("cat /proc/cmdline").out
        insert(guest, "reed_solomon", "ramoops " + " ".join(
            re.findall(r"ramoops\.(mem_\w+=\w+)", words)))
        guest.run("mount -t pstore pstore /sys/fs/pstore", check=True)

    def leave(self, guest):
        """A zone as fs/pstore/ram_core.c keeps it; written while the driver does not own it."""
        text = b"====1.2-D\n" + self.TEXT
        zone = struct.pack("<4sII", b"DBGC", 0, len(text)) + text
        (start, _), = taken_by_words(guest, self.sign)
        guest.run(f"umount /sys/fs/pstore; rmmod ramoops reed_solomon; echo {base64.b64encode(zone).decode()} | "
                  f"base64 -d | dd of=/dev/mem bs={PAGE} seek={start // PAGE} conv=notrunc",
                  check=True)
        self.begin(guest)
        self.arrived(guest)

    def arrived(self, guest):
        assert self.TEXT.decode() in guest.run("cat /sys/fs/pstore/dmesg-ramoops-0").out


class VirtioMem(Oddity):
    """Memory that the hypervisor gave to the driver, and may take back."""

    looks_like_ram = False

    def begin(self, guest):
        insert(guest, "virtio", "virtio_ring", "virtio_pci_modern_dev", "virtio_pci_legacy_dev",
               "virtio_pci", "virtio_mem")
        guest.run("for i in $(seq 100); do grep -q 'RAM (virtio_mem)' /proc/iomem && exit; "
                  "usleep 100000; done; exit 1", check=True)

    def never(self, guest):
        """All of the device's range, whatever of it is plugged now."""
        ranges = iomem(guest)
        devices = [(start, end) for depth, start, end, name in ranges
                   if depth == 0 and re.fullmatch(r"virtio\d+", name)]
        assert devices
        plugged = [(start, end) for _, start, end, name in ranges if "virtio_mem" in name]
        assert any(overlap(device, part) for device in devices for part in plugged)
        return devices

    def forced(self, guest):
        return [(start, end) for _, start, end, name in iomem(guest) if "virtio_mem" in name]


class Poisoned(Oddity):
    """A page that the kernel found broken. The next kernel does not know of it."""

    def find(self, guest, plan):
        """Breaks a free page where the initrd of a plan would lie.

        Such plans are made below one limit after the other until there is one. Kernels without
        CONFIG_MEMORY_FAILURE find none.
        """
        if guest.run("test -e /sys/devices/system/memory/hard_offline_page").rc:
            return ""
        start, end = plan("")["initrd"]
        for limit in range(end - 64 * MIB, 0, -64 * MIB):
            options = f"--mem-max={limit:#x}"
            start, end = plan(options)["initrd"]
            free = self._free_pages(guest, start, end)
            if free:
                break
        page = min(free, key=lambda address: abs(address - (start + end) // 2))
        guest.run(f"echo {page:#x} >/sys/devices/system/memory/hard_offline_page && "
                  "grep 'HardwareCorrupted: *[1-9]' /proc/meminfo", check=True)
        self.found = [(page, page + PAGE)]
        return options

    @staticmethod
    def _free_pages(guest, start, end):
        """Pages that the allocator has: breaking another one might kill the guest's programs."""
        text = guest.run(f"dd if=/proc/kpageflags bs=8 skip={start // PAGE} "
                         f"count={(end - start) // PAGE} 2>/dev/null | od -An -v -t x8").out
        return [start + number * PAGE for number, flags in enumerate(text.split())
                if int(flags, 16) >> KPF_BUDDY & 1]

    def never(self, guest):
        return self.found

    def arrived(self, guest):
        self.found = ()


class ManyRanges(Oddity):
    """More ranges than boot_params holds: the top of a stretch of RAM is full of reserved pages.

    No emulated firmware has so many. The first plan is made from a made-up /sys/firmware/memmap; the
    next kernel then shows them in its own.
    """

    COUNT = 200
    STEP = 64 << 10

    def __init__(self):
        self.holes = []

    def begin(self, guest):
        if self.holes:
            return
        ranges = []
        for line in guest.run("cd /sys/firmware/memmap && for i in *; do "
                              "echo $(cat $i/start $i/end $i/type); done").out.splitlines():
            start, end, kind = line.split(" ", 2)
            ranges.append((int(start, 16), int(end, 16), kind))
        longest = max((one for one in ranges if one[2] == "System RAM"),
                      key=lambda one: one[1] - one[0])
        ranges.remove(longest)
        start = longest[0]
        first = (longest[1] + 1 - self.COUNT * self.STEP) & -PAGE
        for hole in range(first, first + self.COUNT * self.STEP, self.STEP):
            ranges += [(start, hole - 1, "System RAM"), (hole, hole + PAGE - 1, "Reserved")]
            self.holes.append((hole, hole + PAGE))
            start = hole + PAGE
        ranges.append((start, longest[1], "System RAM"))
        self._mount(guest, sorted(ranges))

    @staticmethod
    def _mount(guest, ranges):
        count = len(ranges)
        text = "".join(f"{start:#x} {end:#x} {kind}\n" for start, end, kind in ranges)
        guest.run(f"mount -t tmpfs memmap /sys/firmware/memmap && cd /sys/firmware/memmap && "
                  f"mkdir $(seq 0 {count - 1}) && i=0 && while read start end kind; do "
                  f"echo $start >$i/start; echo $end >$i/end; echo $kind >$i/type; i=$((i + 1)); "
                  f"done <<'END'\n{text}END", check=True)

    def never(self, guest):
        return self.holes


class Fragmented(TakenAway):
    """RAM in pieces, of which most are too small for a kernel."""

    def forced(self, guest):
        hole = taken_by_words(guest, self.sign)[2]
        return [(hole[0] - 36 * MIB, hole[0] + 36 * MIB)]


class Numa(Oddity):
    """Memory of two nodes: the next kernel sees both."""

    def __init__(self):
        self.nodes = None

    def begin(self, guest):
        now = guest.run("cd /sys/devices/system/node && cat online has_cpu node*/cpulist").out
        assert now.startswith("0-1\n")
        assert self.nodes in (None, now)
        self.nodes = now


KINDS = {
    "pmem": Pmem,
    "bad RAM": TakenAway,
    "ramoops": Ramoops,
    "virtio-mem": VirtioMem,
    "poisoned": Poisoned,
    "many ranges": ManyRanges,
    "fragmented": Fragmented,
    "NUMA": Numa,
}


@contextlib.contextmanager
def hidden(guest, ranges):
    """Shows the guest's programs a machine on which these ranges are ordinary and no page is broken.

    A plan that is made in it shows what the program would do if it did not look.
    """
    lines = []
    for depth, start, end, name in iomem(guest):
        odd = any(overlap((start, end), one) for one in ranges)
        if depth == 0 or not odd:
            name = "System RAM" if odd else name
            lines.append(f"{'  ' * depth}{start:08x}-{end - 1:08x} : {name}\n")
    guest.run(f"cat >/tmp/iomem <<'END'\n{''.join(lines)}END\n"
              "sed '/HardwareCorrupted/d' /proc/meminfo >/tmp/meminfo && "
              "mount --bind /tmp/iomem /proc/iomem && mount --bind /tmp/meminfo /proc/meminfo",
              check=True)
    yield
    guest.run("umount /proc/iomem /proc/meminfo", check=True)
