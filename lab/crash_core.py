"""A crashed kernel's memory as /proc/vmcore or an ELF copy of it shows it, read independently.

Only what the tests need is here: 64-bit, little endian, fewer than 65,535 program headers. The
format is that of elf(5); the kernel's notes are described in its
Documentation/admin-guide/kdump/vmcoreinfo.rst.
"""

import struct
from typing import NamedTuple

HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")
NOTE_HEADER = struct.Struct("<III")
ET_CORE, PT_LOAD, PT_NOTE, NT_PRSTATUS = 4, 1, 4, 1
KERNEL_IMAGE = 0xFFFFFFFF80000000  # from here on a virtual address is the kernel image's


class CoreError(Exception):
    """The file is no core, or does not have what was asked for."""


class Load(NamedTuple):
    """A range of memory: where it was, where the kernel saw it, where it is in the file."""

    physical: int
    virtual: int
    offset: int
    size: int

    @property
    def end(self):
        return self.physical + self.size


class Note(NamedTuple):
    name: str
    kind: int
    data: bytes


class Core:
    """A core, read by `read(offset, size)`."""

    def __init__(self, read):
        self._read = read
        header = HEADER.unpack(read(0, HEADER.size))
        if header[0][:6] != b"\x7fELF\x02\x01" or header[1] != ET_CORE:
            raise CoreError("this is not a 64-bit ELF core")
        start, size, count = header[5], header[9], header[10]
        table = read(start, size * count)
        self.loads, self.notes = [], []
        for at in range(0, size * count, size):
            kind, _, offset, virtual, physical, length, _, _ = PROGRAM_HEADER.unpack_from(table, at)
            if kind == PT_LOAD:
                self.loads.append(Load(physical, virtual, offset, length))
            elif kind == PT_NOTE:
                self.notes += _notes(read(offset, length))

    @property
    def cpus(self):
        """How many CPUs left their registers."""
        return sum(note.kind == NT_PRSTATUS and note.name == "CORE" for note in self.notes)

    @property
    def vmcoreinfo(self):
        """The kernel's own description of itself, by the names of its lines."""
        text, = (note.data for note in self.notes if note.name == "VMCOREINFO")
        return dict(line.split("=", 1) for line in text.decode().splitlines() if "=" in line)

    @property
    def memory(self):
        """The ranges without the second view of the kernel image, in order."""
        return sorted(load for load in self.loads if load.virtual < KERNEL_IMAGE)

    def physical(self, address, size):
        """What memory held at a physical address."""
        return self._at(self.memory, address, size, "physical")

    def virtual(self, address, size):
        """What the kernel saw at an address of its image or of its view of all memory."""
        return self._at(self.loads, address, size, "virtual")

    def _at(self, loads, address, size, kind):
        for load in loads:
            start = getattr(load, kind)
            if start <= address and address + size <= start + load.size:
                return self._read(load.offset + address - start, size)
        raise CoreError(f"no range holds the {kind} address {address:#x}")


def open_core(path):
    """The core in a file of the host."""
    def read(offset, size):
        with open(path, "rb") as file:
            file.seek(offset)
            data = file.read(size)
        if len(data) != size:
            raise CoreError(f"{path} ends before {offset + size:#x}")
        return data
    return Core(read)


def _notes(data):
    """The notes of a segment; each part is padded to four bytes."""
    notes, at = [], 0
    while at + NOTE_HEADER.size <= len(data):
        name_size, size, kind = NOTE_HEADER.unpack_from(data, at)
        start = at + NOTE_HEADER.size + -(-name_size // 4) * 4
        if name_size:
            name = data[at + NOTE_HEADER.size:][:name_size].rstrip(b"\0").decode()
            notes.append(Note(name, kind, data[start:start + size]))
        at = start + -(-size // 4) * 4
    return notes
