"""A guest: QEMU with a kernel and an initramfs, driven over its second serial port.

    with Guest(kernel, initrd) as guest:
        guest.ready()
        print(guest.run("uname -a").out)

The first serial port is the kernel's console. QMP tells how the guest ended.
"""

import base64
import contextlib
import json
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from lab import accelerator
from lab.channel import Channel, ChannelClosed

# On a busy host QEMU is late with the interrupts that a kernel waits for when it checks its timer,
# and the kernel would panic.
NO_TIMER_CHECK = "no_timer_check"
WORDS = f"console=ttyS0 panic=-1 {NO_TIMER_CHECK}"
# Seconds. What takes two on an idle host has taken sixty on a busy one.
PATIENCE = 240

OVMF = Path("/usr/share/OVMF")
ANSI = re.compile(r"\x1b(?:[@-Z\\-_]|\[[0-?]*[ -/]*[@-~]|\[?[0-?]*[ -/]*$)")
READY = re.compile(rb"LAB-READY (\S+) ([0-9a-f-]{36})\n")
SHUTDOWN = re.compile(rb'^\{.*"event": "SHUTDOWN".*\n', re.MULTILINE)

# What the guest's terminal keeps while its shell does not read (TTYB_DEFAULT_MEM_LIMIT is 64 KiB).
LONGEST_LINE = 48 * 1024


class GuestError(Exception):
    """A guest did not do what was expected of it."""


class Ready(NamedTuple):
    """What a guest says of itself when its /init is ready for commands."""

    release: str
    boot_id: str


class Result(NamedTuple):
    """A command's exit status and its output, standard output and error together."""

    rc: int
    out: str


class Guest:
    """A running guest. Close it, or use it as a context manager.

    kernel, initrd: files of the host.  cmdline: what to add to WORDS.
    cpu: QEMU's CPU model.  icount: count instructions instead of time (one CPU, TCG).
    parallel: let several CPUs run side by side under TCG too; some guests then crash.
    uefi: boot through OVMF.  variables: a file that keeps OVMF's variables beyond the guest, which
    is then the build of OVMF that can refuse what nobody signed.  log: file for the console's raw
    bytes.  extra: more QEMU arguments.
    """

    def __init__(self, kernel, initrd, cmdline="", memory="1G", cpus=1, cpu="max", icount=False,
                 parallel=False, uefi=False, variables=None, log=None, extra=()):
        if icount and cpus != 1:
            raise ValueError("instructions can be counted on one CPU only")
        self.seconds = 0.0  # how long the guest ran, once it is closed
        self.booted = None  # what the present kernel's /init said when it was ready
        self._seen = 0
        self._started = time.monotonic()
        with contextlib.ExitStack() as stack:
            log_file = stack.enter_context(open(log, "wb")) if log else None
            self._console, self._control, self._qmp = channels = (
                Channel(log_file), Channel(), Channel())
            for channel in channels:
                stack.callback(channel.close)
            command = [
                "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
                "-machine", "q35", "-smp", str(cpus), "-m", memory,
                "-action", "reboot=shutdown",
                "-kernel", kernel, "-initrd", initrd,
                "-append", f"{WORDS} {cmdline}".strip(),
                *_serial("console", self._console), *_serial("control", self._control),
                *_chardev("qmp", self._qmp), "-mon", "chardev=qmp,mode=control",
                *_processor(cpu, cpus, icount, parallel),
                *(_firmware(stack, variables) if uefi else ()),
                *extra,
            ]
            self._errors = stack.enter_context(tempfile.TemporaryFile())
            # QEMU must not outlive the tests, however they end.
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command], stdin=subprocess.DEVNULL,
                stdout=self._errors, stderr=self._errors,
                pass_fds=[channel.remote.fileno() for channel in channels])
            stack.callback(self._stop)
            for channel in channels:
                channel.start()
            self._qmp.send(b'{"execute": "qmp_capabilities"}\n')
            self._cleanup = stack.pop_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End QEMU if it still runs, and remove what was made for it."""
        self._cleanup.close()

    @property
    def console(self):
        """The text of the kernel's console so far, without terminal control sequences."""
        return _text(self._console.received())

    def ready(self, timeout=PATIENCE):
        """Wait until the guest's /init takes commands."""
        match = self._wait(self._control, self._next(READY), timeout, "LAB-READY")
        self._seen = match.end()
        self.booted = Ready(match[1].decode(), match[2].decode())
        return self.booted

    def run(self, command, timeout=PATIENCE, check=False):
        """Run a shell command in the guest; `check` makes a status other than 0 an error."""
        token = self.start(command)
        begin = b"BEGIN %b\n" % token
        end = re.compile(rb"\nEND %b (\d+)\n" % token)
        match = self._wait(self._control, self._next(end), timeout, f"the end of {command!r}")
        output = self._control.received()[self._seen:match.start()].partition(begin)[2]
        self._seen = match.end()
        result = Result(int(match[1]), output.decode(errors="replace"))
        if check and result.rc != 0:
            raise GuestError(f"{command!r} ended with status {result.rc}:\n{result.out}")
        return result

    def start(self, command):
        """Send a command which does not return to the guest; returns the command's token."""
        token = secrets.token_hex(8).encode()
        line = token + b" " + base64.b64encode(command.encode()) + b"\n"
        if len(line) > LONGEST_LINE:
            raise ValueError(f"a command of {len(command)} characters is too long for the guest")
        self._control.send(line)
        return token

    def handover(self, command, timeout=PATIENCE):
        """Start a command that ends in another kernel, and wait until that one is ready."""
        self.start(command)
        return self.ready(timeout)

    def wait_console(self, regex, timeout=PATIENCE, since=0):
        """Wait for a pattern in `console`, from the position `since` on; returns the match."""
        pattern = re.compile(regex, re.MULTILINE)
        return self._wait(self._console, lambda data: pattern.search(_text(data), since), timeout,
                          f"{regex!r} on the console")

    def wait_end(self, timeout=PATIENCE):
        """Wait until the guest ends; returns QMP's reason, "guest-reset" or "guest-shutdown"."""
        match = self._wait(self._qmp, SHUTDOWN.search, timeout, "the guest's end")
        return json.loads(match[0])["data"]["reason"]

    def monitor(self, command, timeout=PATIENCE):
        """What QEMU's monitor for people answers to a command; also while the guest stands still."""
        token = secrets.token_hex(8)
        self._qmp.send(json.dumps({"execute": "human-monitor-command", "id": token,
                                   "arguments": {"command-line": command}}).encode() + b"\n")
        answer = re.compile(rb'^\{.*"id": "%b".*\n' % token.encode(), re.MULTILINE)
        match = self._wait(self._qmp, answer.search, timeout, f"QEMU's answer to {command!r}")
        return json.loads(match[0])["return"]

    def _next(self, pattern):
        """A search for the pattern in what the control channel has not delivered yet."""
        return lambda data: pattern.search(data, self._seen)

    def _wait(self, channel, find, timeout, what):
        try:
            return channel.wait(find, timeout)
        except TimeoutError:
            raise GuestError(self._report(f"{what} did not come in {timeout} s")) from None
        except ChannelClosed:
            status = self._process.wait()
            raise GuestError(self._report(
                f"QEMU ended with status {status} before {what} came")) from None

    def _report(self, problem):
        """The problem, QEMU's own messages, and the last lines of the console and the command."""
        self._errors.seek(0)
        parts = (
            ("QEMU", self._errors.read()),
            ("console", self._console.received()),
            ("command", self._control.received()[self._seen:]),
        )
        lines = [problem]
        for name, data in parts:
            lines += [f"{name}: {line}" for line in _text(data).splitlines()[-40:]]
        return "\n".join(lines)

    def _stop(self):
        self._process.kill()
        self._process.wait()
        self.seconds = time.monotonic() - self._started


def _text(data):
    return ANSI.sub("", data.decode(errors="replace")).replace("\r", "")


def _chardev(name, channel):
    return ["-chardev", f"socket,id={name},fd={channel.remote.fileno()}"]


def _serial(name, channel):
    return [*_chardev(name, channel), "-serial", f"chardev:{name}"]


def _processor(cpu, cpus, icount, parallel):
    """The accelerator and the CPU model.

    With a thread for each CPU, TCG may run code that another CPU has just written over: a kernel
    that patches itself then traps on its own breakpoint (Oops: int3). One thread for all cannot.

    TCG of QEMU 7.2 computes wrong flags for cmpxchg16b: an interrupt right behind one leaves
    the guest with random ones (direction, trap), and up to one boot in ten crashes. Without the
    instruction the kernel takes another way.
    """
    if icount:
        return ["-accel", "tcg", "-icount", "shift=0,sleep=off", "-cpu", f"{cpu},cx16=off"]
    if accelerator.choose() == "tcg":
        threads = "multi" if parallel else "single"
        return ["-accel", f"tcg,thread={threads}" if cpus > 1 else "tcg", "-cpu", f"{cpu},cx16=off"]
    return ["-accel", "kvm", "-cpu", cpu]


def _firmware(stack, variables):
    """OVMF with its variables: in the given file, or in a copy that lasts as long as the guest."""
    if variables:
        # Only code in system management mode may write to such a store.
        return ["-machine", "smm=on", "-global", "driver=cfi.pflash01,property=secure,value=on",
                "-global", "ICH9-LPC.disable_s3=1",
                *_flash(OVMF / "OVMF_CODE_4M.secboot.fd", variables)]
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kexec-lab-")))
    return _flash(OVMF / "OVMF_CODE_4M.fd", shutil.copy(OVMF / "OVMF_VARS_4M.fd", folder))


def _flash(code, variables):
    return ["-drive", f"if=pflash,format=raw,readonly=on,file={code}",
            "-drive", f"if=pflash,format=raw,file={variables}"]
