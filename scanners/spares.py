"""Spare scanners: plugged in and named nowhere, they are found when a certain code is scanned with them."""

from __future__ import annotations

import logging
import re
import select
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from scanners.discovery import stable_keyboards, stable_ports
from scanners.ears import Ear, KeyEar, SerialEar
from scanners.line import StopSignal

LOOK_SECONDS = 1.0
"""How often new devices are looked for; a look is two or three listings of folders."""

_SCANNER = re.compile(
    r"scan|barcode|symbol|zebra|honeywell|metrologic|hand_?held|datalogic|newland|opticon|cipherlab|unitech|intermec"
    r"|cognex|denso|netum|inateck|eyoyo|mindeo|sunlux|champtek|code_corp",
    re.IGNORECASE,
)
"""A keyboard is listened to only where its name says that it is a scanner."""

_OTHER = re.compile(r"scale|balance|weigh|print|label|modem|gps|arduino|display", re.IGNORECASE)
"""A serial port is left alone where its name says that it is something else."""

_PORTS = re.compile(r"tty(ACM|USB)\d+|\d+")
"""Kernel names of ports that come and go (ttyACM0, ttyUSB0) and of pseudo-terminals."""

_log = logging.getLogger("packproof.scanners")


class Spares:
    """Watches for devices that are not `taken` and hears them, in a thread of its own, until one scans the code."""

    def __init__(
        self,
        code: str,
        taken: Callable[[], Iterable[str]],
        on_found: Callable[[str], None],
        on_there: Callable[[str], bool] = lambda _spec: False,
        *,
        dev: Path = Path("/dev"),
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """`taken`: paths of devices that have a use. `on_found` gets the specification of the scanner, in our thread.

        By then it is closed here: open it, and it is yours. `on_there` is asked first whether a new device has a use.
        """
        self._code, self._taken, self._on_found, self._on_there = code.upper(), taken, on_found, on_there
        self._dev, self._look_seconds = dev, look_seconds
        self._ears: dict[str, Ear] = {}
        self._stopping = StopSignal()
        self._thread = threading.Thread(target=self._run, name="spare scanners", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; nothing is held afterwards. May be called more than once."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(1.0)
        if not self._thread.is_alive():
            self._stopping.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._look()
                self._listen()
            except Exception:
                # Whatever a strange device does, the scanners of this bench go on; this one is looked at again.
                _log.exception("looking for spare scanners failed")
                self._stopping.wait(self._look_seconds)
        for name in list(self._ears):
            self._drop(name)

    def _look(self) -> None:
        """Open what is new, let go of what is gone or has found its use."""
        taken = {str(path) for name in self._taken() for path in (Path(name), Path(name).resolve())}
        there = {spec: node for spec, node in candidates(self._dev) if not {spec.partition(":")[2], node} & taken}
        for spec in self._ears.keys() - there.keys():
            self._drop(spec)
        for spec in there.keys() - self._ears.keys():
            if self._on_there(spec):
                continue
            kind, _, path = spec.partition(":")
            try:
                self._ears[spec] = (SerialEar if kind == "serial" else KeyEar)(path, self._code)
            except Exception as error:
                # Another program has it, or udev has not given it to us yet: looked at again. Whatever it is, it must
                # not keep us from hearing the others.
                _log.debug("%s cannot be listened to: %s", spec, error)

    def _listen(self) -> None:
        poll = select.poll()
        poll.register(self._stopping, select.POLLIN)
        by_fd = {ear.fileno(): spec for spec, ear in self._ears.items()}
        for fd in by_fd:
            poll.register(fd, select.POLLIN)
        for fd, _ in poll.poll(self._look_seconds * 1000):
            if fd in by_fd:
                self._hear(by_fd[fd])

    def _hear(self, spec: str) -> None:
        try:
            options = self._ears[spec].hear()
        except Exception as error:
            # Mostly it was unplugged, or another program took it.
            _log.debug("%s is not heard any more: %s", spec, error)
            self._drop(spec)
            return
        if options is not None:
            self._drop(spec)
            self._on_found(f"{spec}?{options}" if options else spec)

    def _drop(self, spec: str) -> None:
        try:
            self._ears.pop(spec).close()
        except OSError as error:
            _log.info("%s could not be closed: %s", spec, error)


def candidates(dev: Path) -> list[tuple[str, str]]:
    """(specification, device of the kernel) of what may be a scanner, by its stable names."""
    ports = [
        (f"serial:{link}", str(node))
        for node, link in stable_ports(dev).items()
        if _PORTS.fullmatch(node.name) and not _OTHER.search(link.name)
    ]
    keyboards = [
        (f"evdev:{link}", str(node)) for node, (link, name) in stable_keyboards(dev).items() if _SCANNER.search(name)
    ]
    return ports + keyboards
