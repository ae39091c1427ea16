"""A label printer made of software, for the demo and the tests.

It really listens on TCP, answers ~HS and can misbehave on purpose. Every label is kept in a folder as NNN.zpl (the
bytes) and NNN.png (the picture, where zplkit is installed).
"""

import contextlib
import re
import socket
import struct
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from printing.pictures import NoPicture, zpl_png

_END = re.compile(rb"~HS|\^XZ", re.IGNORECASE)
_POLL = 0.2


class VirtualPrinter:
    """Set the troubles at any time, before or while it runs; they act at once.

    `paper_out`, `paused`: jobs are taken and wait inside. `silent`: ~HS gets no answer. `cut_after`: the next
    connection that sends so many bytes of a job is broken there (once). `slow`: seconds a label takes. `jobs`: the
    labels that came out, in order, as bytes.
    """

    def __init__(self, folder: Path, port: int = 0, host: str = "127.0.0.1") -> None:
        """Port 0 takes a free one; see `port` after `start`."""
        self.folder, self.host, self.port = folder, host, port
        self.paper_out = self.paused = self.silent = False
        self.cut_after: int | None = None
        self.slow = 0.0
        self.jobs: list[bytes] = []
        self.on_label: Callable[[int, bytes], None] = lambda _number, _zpl: None
        self._inside: deque[bytes] = deque()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._number = 0

    @property
    def spec(self) -> str:
        """What `open_printer` takes."""
        return f"tcp:{self.host}:{self.port}"

    def start(self) -> Self:
        """Listen; a port in use raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._number = max((int(path.stem) for path in self.folder.glob("*.zpl") if path.stem.isdecimal()), default=0)
        listener = socket.create_server((self.host, self.port))
        listener.settimeout(_POLL)
        self.port = int(listener.getsockname()[1])
        self._stopping.clear()
        self._threads = [_started(self._listen, listener), _started(self._print)]
        return self

    def stop(self) -> None:
        """As if switched off: what is still inside is lost, as in a real one."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._inside.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def host_status(self) -> bytes:
        """The answer to ~HS."""
        first = f"030,{self.paper_out:d},{self.paused:d},1245,{len(self._inside):03},0,0,0,000,0,0,0"
        second = "000,0,0,0,1,2,6,0,00000000,1,000"
        return b"".join(b"\x02" + line.encode() + b"\x03\r\n" for line in (first, second, "1234,0"))

    def _listen(self, listener: socket.socket) -> None:
        serving: list[threading.Thread] = []
        with listener:
            while not self._stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, _ = listener.accept()
                    serving.append(_started(self._serve, connection))
                serving = [thread for thread in serving if thread.is_alive()]
        for thread in serving:
            thread.join()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(_POLL)
        rest = b""
        with connection, contextlib.suppress(ConnectionError):
            while not self._stopping.is_set():
                try:
                    part = connection.recv(1 if self.cut_after is not None else 4096)
                except TimeoutError:
                    continue
                if not part:
                    return
                rest = self._take(rest + part, connection)
                if self.cut_after is not None and len(rest) >= self.cut_after > 0:
                    self.cut_after = None
                    _break(connection)
                    return

    def _take(self, data: bytes, connection: socket.socket) -> bytes:
        """Act on every whole job and question in `data`; returns what is left over."""
        while found := _END.search(data):
            before, after = data[: found.start()], data[found.end() :]
            if found[0].upper() == b"^XZ":
                self._inside.append((before + found[0]).lstrip())
                data = after.lstrip(b"\r\n")
            else:
                if not self.silent:
                    connection.sendall(self.host_status())
                data = before + after.lstrip(b"\r\n")
        return data

    def _print(self) -> None:
        while not self._stopping.is_set():
            if self.paper_out or self.paused or not self._inside:
                self._stopping.wait(0.01)
                continue
            if self.slow and self._stopping.wait(self.slow):
                return
            self._put_out(self._inside[0])
            self._inside.popleft()

    def _put_out(self, zpl: bytes) -> None:
        self._number += 1
        (self.folder / f"{self._number:03}.zpl").write_bytes(zpl)
        with contextlib.suppress(NoPicture):
            draft = self.folder / f".{self._number:03}.png"
            draft.write_bytes(zpl_png(zpl))
            draft.replace(self.folder / f"{self._number:03}.png")
        self.jobs.append(zpl)
        self.on_label(self._number, zpl)


def serve(folder: Path, port: int = 9100) -> None:
    """Run until interrupted, telling each label on standard error."""
    printer = VirtualPrinter(folder, port)
    printer.on_label = lambda number, _zpl: _tell(f"label {number:03} printed to {folder}")
    with printer:
        _tell(f"virtual printer {printer.spec}, labels in {folder}")
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


def _started(target: Callable[..., None], *args: object) -> threading.Thread:
    thread = threading.Thread(target=target, args=args, name="virtual-printer", daemon=True)
    thread.start()
    return thread


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _break(connection: socket.socket) -> None:
    """Reset instead of a polite close, as when the plug is pulled."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
