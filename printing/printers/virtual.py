"""A label printer made of software, for the demo and the tests.

It really listens on TCP, answers ~HS or DLE EOT and can misbehave on purpose. Every label is kept in a folder as
NNN.zpl (the bytes) and NNN.png (the picture, where zplkit is installed).
"""

import contextlib
import socket
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from printing.pictures import NoPicture, zpl_png
from printing.printers.virtual_press import Press

_POLL = 0.2
_POLL_OWING = 0.01


class VirtualPrinter(Press):
    """A press with a network card: one connection at a time, as most have. All of `Press` may be set while it runs.

    `cut_after`: the connection that brings so many bytes of a job is broken there (once). `slow`: seconds per label.
    """

    def __init__(self, folder: Path, port: int = 0, host: str = "127.0.0.1", language: str = "zpl") -> None:
        """Port 0 takes a free one; see `port` after `start`."""
        super().__init__(language)
        self.folder, self.host, self.port = folder, host, port
        self.cut_after: int | None = None
        self.slow = 0.0
        self.on_label: Callable[[int, bytes], None] = lambda _number, _zpl: None
        self._stopping = threading.Event()
        self._work = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._number = 0

    @property
    def spec(self) -> str:
        """What `open_printer` takes."""
        more = "" if self.language == "zpl" else f"?language={self.language}"
        return f"tcp:{self.host}:{self.port}{more}"

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
        self.switch_off()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _listen(self, listener: socket.socket) -> None:
        with listener:
            while not self._stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, _ = listener.accept()
                    self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(ConnectionError):
            while not self._stopping.is_set():
                connection.settimeout(_POLL_OWING if self.owed else _POLL)
                try:
                    part = connection.recv(1 if self.cut_after is not None else 4096)
                except TimeoutError:
                    with self._lock:
                        late = self.answers_in_line()
                    connection.sendall(late)
                    continue
                if not part:
                    self.owed = 0
                    return
                with self._lock:
                    answer = self.take(part)
                self._work.set()
                if answer:
                    connection.sendall(answer)
                if self.cut_after is not None and len(self._open) >= self.cut_after > 0:
                    self.cut_after = None
                    _break(connection)
                    return

    def _print(self) -> None:
        while not self._stopping.is_set():
            if self.stands or not self.inside:
                self._work.wait(0.01)
                self._work.clear()
                continue
            if self.slow and self._stopping.wait(self.slow):
                return
            self._put_out()

    def _put_out(self) -> None:
        """The files first: who sees the label in `jobs` finds them."""
        with self._lock:
            label = self.next_out()
        if label is None:
            return
        self._keep(label)
        with self._lock:
            self.out(label)
        self.on_label(self._number, label)

    def _keep(self, zpl: bytes) -> None:
        self._number += 1
        (self.folder / f"{self._number:03}.zpl").write_bytes(zpl)
        with contextlib.suppress(NoPicture):
            draft = self.folder / f".{self._number:03}.png"
            draft.write_bytes(zpl_png(zpl))
            draft.replace(self.folder / f"{self._number:03}.png")


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
