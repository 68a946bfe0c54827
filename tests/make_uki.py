#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes a small PE file with sections of a unified kernel image, for test folders.

    tests/make_uki.py OUTPUT [--machine=x64|aa64] SECTION=FILE|SECTION:TEXT ...

A section is given in the order in which it shall stand, as often as wanted: `.linux=vmlinuz`,
`.cmdline:quiet`. There is no stub in it: nothing can start the file. Each section's bytes begin on a
multiple of 512, as those of real images do.
"""

import pathlib
import struct
import sys

MACHINES = {"x64": 0x8664, "aa64": 0xAA64, "ia32": 0x14C}
ALIGNMENT = 512


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % ALIGNMENT)


def make(sections: list[tuple[str, bytes]], machine: str = "x64") -> bytes:
    """The file's bytes."""
    start = b"MZ" + bytes(58) + struct.pack("<I", 64)
    coff = struct.pack("<HHIIIHH", MACHINES[machine], len(sections), 0, 0, 0, 0, 0x22)
    head_size = len(start) + 4 + len(coff) + 40 * len(sections)
    offset = head_size + -head_size % ALIGNMENT
    table, content = b"", b""
    for name, data in sections:
        raw = padded(data)
        table += struct.pack("<8sIIIIIIHHI", name.encode(), len(data), 0x1000, len(raw), offset,
                             0, 0, 0, 0, 0x40000040)
        content += raw
        offset += len(raw)
    return padded(start + b"PE\0\0" + coff + table) + content


def main() -> None:
    arguments = sys.argv[1:]
    machine = "x64"
    sections = []
    for argument in arguments[1:]:
        if argument.startswith("--machine="):
            machine = argument.partition("=")[2]
        elif ":" in argument.partition("=")[0]:
            name, _, text = argument.partition(":")
            sections.append((name, text.encode()))
        else:
            name, _, path = argument.partition("=")
            sections.append((name, pathlib.Path(path).read_bytes()))
    pathlib.Path(arguments[0]).write_bytes(make(sections, machine))


if __name__ == "__main__":
    main()
