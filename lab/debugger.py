"""QEMU's debugger stub, spoken to in GDB's remote protocol, as far as a test needs it.

    guest = Guest(..., extra=debugger.arguments(socket))
    with Debugger(socket) as stub:          # the guest stands still from here on
        stub.run_to(0x1000000)              # and stands before that instruction now

A breakpoint is on an address as the CPU sees it, whichever process or kernel is there. The guest
goes on when the debugger leaves.
"""

import socket

TIMEOUT = 300


def arguments(path):
    """QEMU's arguments for a stub at this path, which waits for nobody."""
    return ["-gdb", f"unix:{path},server=on,wait=off"]


class Debugger:
    """A connection to the stub."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(TIMEOUT)
        self._socket.connect(str(path))
        self._received = b""
        self._ask("?", "T")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._send("D")
        finally:
            self._socket.close()

    def run_to(self, address):
        """Let the guest run until it is about to execute the instruction at this address."""
        self.start(address)
        self.wait(address)

    def start(self, address):
        """Let the guest run, towards this address."""
        self._ask(f"Z1,{address:x},1", "OK")
        self._send("c")

    def wait(self, address):
        """Wait until a guest that was started is there."""
        self._expect("c", "T05")
        self._ask(f"z1,{address:x},1", "OK")

    def write_physical(self, address, data):
        """Write bytes to the machine's memory, whatever the CPUs can reach."""
        self._ask("Qqemu.PhyMemMode:1", "OK")
        self._ask(f"M{address:x},{len(data):x}:{data.hex()}", "OK")
        self._ask("Qqemu.PhyMemMode:0", "OK")

    def _ask(self, text, expected):
        self._send(text)
        self._expect(text, expected)

    def _expect(self, text, expected):
        """Wait for a packet's answer; the news that the guest stands still may come twice."""
        answer = self._receive()
        while expected == "OK" and answer.startswith("T"):
            answer = self._receive()
        if not answer.startswith(expected):
            raise RuntimeError(f"the stub answers {answer!r} to {text!r}")

    def _receive(self):
        while b"#" not in self._received or len(self._received.partition(b"#")[2]) < 2:
            received = self._socket.recv(4096)
            if not received:
                raise RuntimeError("the stub has gone")
            self._received += received
        packet, _, rest = self._received.partition(b"#")
        self._received = rest[2:]
        self._socket.sendall(b"+")
        return packet.lstrip(b"+").removeprefix(b"$").decode()

    def _send(self, text):
        data = text.encode()
        self._socket.sendall(b"$%b#%02x" % (data, sum(data) % 256))
