"""What a crashed kernel's log must be: what /dev/kmsg held before, and what makedumpfile finds."""

import json
import re
import subprocess

from lab import crash_tools

LEVELS = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"]
FACILITIES = ["kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron",
              "authpriv", "ftp"]
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
    known, found = records(before), messages(program.parent / "vmcore-dmesg", core)
    assert not differences(known, found)
    assert (found[0]["sequence"] > known[0]["sequence"]) == wrapped
    if not wrapped:
        assert plain(shown(program, core).decode()) == plain(dumped(folder, core))


def records(text):
    """The records of /dev/kmsg (Documentation/ABI/testing/dev-kmsg) as vmcore-dmesg --json tells them."""
    found = []
    for line in text.splitlines():
        if line.startswith(" "):
            key, _, value = line[1:].partition("=")
            if key in ("SUBSYSTEM", "DEVICE"):
                found[-1][key.lower()] = value
            continue
        head, _, message = line.partition(";")
        fields = head.split(",")
        priority = int(fields[0])
        record = {"sequence": int(fields[1]), "level": LEVELS[priority & 7],
                  "facility": FACILITIES[priority >> 3], "microseconds": int(fields[2])}
        for field in fields[4:]:
            if field.startswith("caller="):
                record["caller"] = field.removeprefix("caller=")
        for escaped, byte in ((r"\x0a", "\n"), (r"\x09", "\t"), (r"\x5c", "\\")):
            message = message.replace(escaped, byte)
        record["text"] = message
        found.append(record)
    return found


def messages(program, core):
    """The messages of a dump, in the same form."""
    text = subprocess.run([program, "--json", core], check=True, capture_output=True).stdout
    found = json.loads(text)["messages"]
    for message in found:
        message["microseconds"] = message.pop("nanoseconds") // 1000
    return found


def differences(before, after):
    """What is not as it should be between /dev/kmsg before the crash and the dump's messages.

    The crash's own messages come behind what /dev/kmsg held and push the oldest out; all between
    must be the same, without a gap.
    """
    if not after:
        return ["there is no message in the dump"]
    wanted = {record["sequence"]: record for record in before}
    problems = []
    numbers = [message["sequence"] for message in after]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        problems.append("the messages' numbers have gaps")
    if before and numbers[-1] < before[-1]["sequence"]:
        problems.append("the last messages are missing")
    if before and numbers[0] > before[-1]["sequence"]:
        problems.append("the dump has none of /dev/kmsg's messages")
    for message in after:
        record = wanted.get(message["sequence"])
        if record and "caller" not in record:  # the kernel keeps it, and may not show it
            message = {key: value for key, value in message.items() if key != "caller"}
        if record and record != message:
            problems.append(f"/dev/kmsg has {record}, the dump {message}")
        if not record and before and before[0]["sequence"] <= message["sequence"] <= \
                before[-1]["sequence"]:
            problems.append(f"/dev/kmsg has no {message}")
    return problems


def plain(text):
    """A log without caller ids and indents."""
    return INDENT.sub("", SIGNED.sub(r"\\x\1", CALLER.sub(r"\1", text)))
