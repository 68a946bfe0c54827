"""A bzImage that is valid and as small as can be: it loads in no time, and may only be started with
code for its entry.

Offsets and values are those of the kernel's Documentation/arch/x86/boot.rst.
"""

import gzip
import struct

SECTORS = 3
BODY = 0x1800
PHYSICAL, VIRTUAL, TEXT, TEXT_SIZE = 0x1000000, 0xFFFFFFFF81000000, 0x200, 0x100


def inside(code=b""):
    """An ELF file that is linked as kernels are, with one relocation of each width behind the code."""
    text = code.ljust(TEXT_SIZE, b"\xf4") + bytes(16)
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, 62, 1, PHYSICAL, 64, 0, 0,
                         64, 56, 1, 0, 0, 0)
    part = struct.pack("<IIQQQQQQ", 1, 7, TEXT, VIRTUAL, PHYSICAL, len(text), 0x3000, 4096)
    places = (VIRTUAL + len(text)) & 0xFFFFFFFF
    table = struct.pack("<4I", 0, places - 16, 0, places - 8)
    return (header + part).ljust(TEXT, b"\0") + text + table


FIELDS = (
    (0x1F1, "<B", SECTORS),     # setup_sects
    (0x1F4, "<I", BODY // 16),  # syssize
    (0x1FE, "<H", 0xAA55),      # boot_flag
    (0x200, "<H", 0x6AEB),      # jump
    (0x202, "4s", b"HdrS"),
    (0x206, "<H", 0x20F),       # version
    (0x211, "<B", 1),           # loadflags: LOADED_HIGH
    (0x22C, "<I", 0x7FFFFFFF),  # initrd_addr_max
    (0x230, "<I", 0x200000),    # kernel_alignment
    (0x234, "<B", 1),           # relocatable_kernel
    (0x236, "<H", 0x73),        # xloadflags: 64-bit, above 4 GiB, EFI kexec, 5-level
    (0x238, "<I", 2047),        # cmdline_size
    (0x248, "<I", 0x200),       # payload_offset
    (0x258, "<Q", 0x1000000),   # pref_address
    (0x260, "<I", 0x20000),     # init_size
)


def small_kernel(code=b"", **changed):
    """The file's bytes; `changed` gives fields other values by name, as in at_0x260=0."""
    payload = gzip.compress(inside(code), mtime=0)
    content = bytearray((SECTORS + 1) * 512 + BODY)
    for offset, form, value in (*FIELDS, (0x24C, "<I", len(payload))):  # payload_length
        struct.pack_into(form, content, offset, changed.get(f"at_{offset:#x}", value))
    start = (SECTORS + 1) * 512 + 0x200
    content[start:start + len(payload)] = payload
    return bytes(content)
