"""What a crashed kernel's log must be: what /dev/kmsg held before, and what makedumpfile finds."""

import re
import subprocess

from lab import crash_tools

RECORD = re.compile(rb"^\d+,\d+,(\d+),[^;]*;(.*)$", re.MULTILINE)
ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")
CALLER = re.compile(r"^(\[ *\d+\.\d+\] )\[ *[TC]\d+\] ", re.MULTILINE)
SIGNED = re.compile(r"\\xffffff([89a-f][0-9a-f])")  # how makedumpfile shows a byte from 0x80 on
INDENT = re.compile(r"^ +", re.MULTILINE)

# Two lines in one record, bytes that are not printable, another facility than the kernel's.
ODD_RECORDS = (r"printf '<5>two\nlines\n' >/dev/kmsg; "
               r"printf '<4>odd \001\033\177 bytes \303\244 \377 \\ end\n' >/dev/kmsg; "
               r"printf '<30>daemon info\n' >/dev/kmsg")


def shown(program, core, *options):
    """What vmcore-dmesg prints of a core."""
    return subprocess.run([program.parent / "vmcore-dmesg", *options, core], check=True,
                          capture_output=True).stdout


def dumped(folder, core):
    """The log as makedumpfile finds it in a core or a dump."""
    path = folder / f"log-of-{core.name}"
    path.unlink(missing_ok=True)
    crash_tools.run("makedumpfile", "--dump-dmesg", core, path)
    return path.read_text(errors="replace")


def check_log(program, folder, core, before, wrapped):
    """vmcore-dmesg shows what was there `before`, as /dev/kmsg gave it, and what came since.

    makedumpfile misreads logs that have wrapped.
    """
    found = shown(program, core)
    known = [as_shown(record) for record in RECORD.findall(before)]
    first = known.index(found[:found.index(b"\n[") + 1])
    assert (first > 0) == wrapped
    assert found.startswith(b"".join(known[first:]))
    if not wrapped:
        assert plain(found.decode()) == plain(dumped(folder, core))


def as_shown(record):
    """A record of /dev/kmsg as vmcore-dmesg shows it."""
    microseconds, text = record
    seconds, rest = divmod(int(microseconds), 1_000_000)
    text = ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), text)
    shown_text = b"".join(bytes([byte]) if 32 <= byte < 127 or byte in b"\t\n\v\f\r"
                          else b"\\x%02x" % byte for byte in text)
    return b"[%5d.%06d] %b\n" % (seconds, rest, shown_text)


def plain(text):
    """A log without caller ids and indents."""
    return INDENT.sub("", SIGNED.sub(r"\\x\1", CALLER.sub(r"\1", text)))
