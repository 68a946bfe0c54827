"""Initramfs archives for guests, written without root rights.

An archive is newc cpio (Documentation/driver-api/early-userspace/buffer-format.rst in the kernel's
source). The same content always gives the same bytes: entries are sorted and times are zero.
"""

import gzip
import lzma
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

HERE = Path(__file__).parent
LIBRARY = re.compile(r"^\s*(?:\S+ => )?(/\S+) \(0x[0-9a-f]+\)$", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """One member of an archive. `device` is (major, minor) and means something for nodes only."""

    mode: int
    data: bytes = b""
    device: tuple = (0, 0)


class Initramfs:
    """An archive in the making. Paths are absolute; directories above them are added as needed."""

    def __init__(self):
        self._entries = {}

    def file(self, path, data, mode=0o644):
        """Add a regular file from bytes, from text or from a file of the host."""
        if isinstance(data, Path):
            data = data.read_bytes()
        elif isinstance(data, str):
            data = data.encode()
        self._add(path, Entry(stat.S_IFREG | mode, data))

    def directory(self, path, mode=0o755):
        """Add a directory."""
        self._add(path, Entry(stat.S_IFDIR | mode))

    def symlink(self, path, target):
        """Add a symbolic link to `target`."""
        self._add(path, Entry(stat.S_IFLNK | 0o777, str(target).encode()))

    def node(self, path, kind, major, minor, mode=0o600):
        """Add a device node; `kind` is "c" (character) or "b" (block)."""
        kinds = {"c": stat.S_IFCHR, "b": stat.S_IFBLK}
        self._add(path, Entry(kinds[kind] | mode, device=(major, minor)))

    def program(self, host_path, guest_path):
        """Add a program of the host, with its dynamic loader and its libraries."""
        self.file(guest_path, Path(host_path), 0o755)
        for library in libraries(host_path):
            self.file(library, Path(library), 0o755)

    def pack(self):
        """The archive as bytes."""
        members = [_member(number, path.lstrip("/"), entry)
                   for number, (path, entry) in enumerate(sorted(self._entries.items()), 1)]
        members.append(_member(0, "TRAILER!!!", Entry(0)))
        return b"".join(members)

    def write(self, path, compress=None):
        """Write the archive to `path`, plain or compressed with "zstd", "gzip" or "xz"."""
        Path(path).write_bytes(COMPRESSORS[compress](self.pack()))

    def _add(self, path, entry):
        name = PurePosixPath(path)
        if not name.is_absolute():
            raise ValueError(f"{path} is not absolute")
        for parent in name.parents:
            if parent != PurePosixPath("/"):
                self._entries.setdefault(str(parent), Entry(stat.S_IFDIR | 0o755))
        self._entries[str(name)] = entry


def _member(number, name, entry):
    """One member: 13 fields of 8 hexadecimal digits, the name, the data, each padded to 4 bytes."""
    name = name.encode() + b"\0"
    links = 2 if stat.S_ISDIR(entry.mode) else 1
    fields = (number, entry.mode, 0, 0, links, 0, len(entry.data), 0, 0, *entry.device,
              len(name), 0)
    header = b"070701" + b"".join(b"%08X" % field for field in fields)
    return _padded(header + name) + _padded(entry.data)


def _padded(data):
    return data + bytes(-len(data) % 4)


def _zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, check=True, capture_output=True).stdout


def _xz(data):
    # The kernel's decompressor knows no other check than CRC32.
    return lzma.compress(data, check=lzma.CHECK_CRC32)


COMPRESSORS = {
    None: bytes,
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "xz": _xz,
    "zstd": _zstd,
}


def libraries(program):
    """The dynamic loader and the libraries of a program of the host; none if it is static."""
    done = subprocess.run(["ldd", program], check=False, capture_output=True, text=True)
    if "not found" in done.stdout:
        raise FileNotFoundError(f"a library of {program} is missing:\n{done.stdout}")
    return LIBRARY.findall(done.stdout)


def applets():
    """The names that the host's busybox can be called by."""
    listed = subprocess.run(["busybox", "--list"], check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split() if name != "busybox"]


def base(other_busybox=None):
    """An initramfs with busybox and the laboratory's /init, which guest.Guest talks to.

    other_busybox: a static busybox of another architecture, in place of the host's.
    """
    archive = Initramfs()
    busybox = shutil.which("busybox")
    if busybox is None:
        raise FileNotFoundError("busybox is missing; install the package busybox-static")
    if other_busybox:
        archive.file("/bin/busybox", other_busybox, 0o755)
    else:
        archive.program(busybox, "/bin/busybox")
    for applet in applets():
        archive.symlink(f"/bin/{applet}", "busybox")
    for path in ("/proc", "/sys", "/dev", "/tmp", "/run", "/sbin", "/usr/bin", "/usr/sbin"):
        archive.directory(path)
    archive.node("/dev/console", "c", 5, 1)
    archive.node("/dev/null", "c", 1, 3, 0o666)
    archive.file("/init", HERE / "guest-init.sh", 0o755)
    archive.file("/lab/pack", HERE / "guest-pack.sh", 0o755)
    return archive
