"""What /dev/kmsg held, beside what vmcore-dmesg finds of it in a dump.

    python3 tests/kmsg.py VMCORE-DMESG VMCORE KMSG     exits with 0 when all of KMSG that the ring
                                                       still has is in VMCORE, and nothing else
"""

import json
import subprocess
import sys

LEVELS = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"]
FACILITIES = ["kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron",
              "authpriv", "ftp"]


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


def main():
    """Compares the files that are named on the command line."""
    program, core, kmsg = sys.argv[1:]
    with open(kmsg, encoding="utf-8", errors="surrogateescape") as file:
        before = records(file.read())
    after = messages(program, core)
    problems = differences(before, after)
    print(*problems[:10], sep="\n")
    shared = {record["sequence"] for record in before} & {one["sequence"] for one in after}
    print(f"{len(shared)} messages of /dev/kmsg are in the dump, of {len(before)}; {len(problems)} differ")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
