"""One end of a stream between the laboratory and QEMU: what came in, and waiting for more."""

import socket
import threading
import time


# QEMU sends a few bytes at a time; so long the buffer grows between two looks into it.
GATHER_SECONDS = 0.01


class ChannelClosed(Exception):
    """QEMU closed the stream before the text that was waited for came."""


class Channel:
    """A connected socket, read by a thread of its own into a buffer and, if given, a log file."""

    def __init__(self, log=None):
        self._socket, self.remote = socket.socketpair()
        self._log = log
        self._data = bytearray()
        self._open = True
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)

    def start(self):
        """Begin to read; QEMU has inherited the other end, which is closed here."""
        self.remote.close()
        self._reader.start()

    def close(self):
        """Close the stream and wait for its reader."""
        self.remote.close()
        if self._reader.is_alive():
            self._socket.shutdown(socket.SHUT_RDWR)
            self._reader.join()
        self._socket.close()

    def send(self, data):
        """Send bytes to QEMU."""
        self._socket.sendall(data)

    def received(self):
        """All bytes that came in so far."""
        with self._news:
            return bytes(self._data)

    def wait(self, find, timeout):
        """Wait until `find`, called with the buffer, returns something other than None; return it.

        Raises TimeoutError, or ChannelClosed when nothing more can come.
        """
        end = time.monotonic() + timeout
        while True:
            with self._news:
                found = find(self._data)
                if found is not None:
                    return found
                if not self._open:
                    raise ChannelClosed
                if not self._news.wait(end - time.monotonic()):
                    raise TimeoutError
            time.sleep(GATHER_SECONDS)

    def _read(self):
        while data := self._receive():
            with self._news:
                self._data += data
                self._news.notify_all()
            if self._log:
                self._log.write(data)
                self._log.flush()
        with self._news:
            self._open = False
            self._news.notify_all()

    def _receive(self):
        try:
            return self._socket.recv(65536)
        except ConnectionError:
            return b""
