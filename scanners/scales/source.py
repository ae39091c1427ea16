"""One scale, read as scanners are: by a thread of its own that connects again for ever, and tells how it is."""

from __future__ import annotations

import time

from scanners.line import Line
from scanners.profile import Profile
from scanners.scales.ports import OpenPort, Port
from scanners.scales.protocols import Protocol
from scanners.scales.reading import Reading
from scanners.scan import SourceDown

ASK_SECONDS = 0.1
"""Between an answer and the next question."""
ANSWER_SECONDS = 0.5
"""Without an answer for so long it is asked again."""
SILENT_SECONDS = 1.5
"""Without a weight for so long it is not there: people are told within two seconds."""
FRAME_MAX = 256


class ScaleSource:
    """A `ScanSource` for `scanners.reader.Reader` which delivers no scans, but keeps its newest weight."""

    kind = "scale"
    threaded = True
    profile = Profile()

    def __init__(self, name: str, protocol: Protocol, open_port: OpenPort) -> None:
        self.name = name
        self._protocol, self._open_port = protocol, open_port
        self._latest: Reading | None = None
        self._buffer = bytearray()
        self._torn = True
        """What comes up to the next end began before we listened: of `112.72 g` it may be `2.72 g`."""
        self._heard = b""
        """The last frame that made no sense, for whoever has to find out why."""

    def latest(self) -> Reading | None:
        """The newest reading; None while the scale cannot be read. From any thread, never waits."""
        return self._latest

    def answer(self, *, good: bool) -> None:
        """Nothing is scanned here."""

    def listen(self, line: Line) -> None:
        """Read weights until stopped. Raises SourceDown when it is cut off, silent, or speaks another language."""
        port = self._open_port()
        self._buffer, self._torn, self._heard = bytearray(), True, b""
        try:
            if not self._protocol.ask:
                # It speaks when it is awake; its silence means nothing.
                line.opened(self._protocol.kind)
            self._converse(port, line)
        except OSError as error:
            raise SourceDown("waiting", f"{self.name} was unplugged or hung up") from error
        finally:
            self._latest = None
            port.close()

    def _converse(self, port: Port, line: Line) -> None:
        asks = bool(self._protocol.ask)
        weight_at = ask_at = time.monotonic()
        while True:
            if asks and time.monotonic() >= ask_at:
                port.write(self._protocol.ask)
                ask_at = time.monotonic() + ANSWER_SECONDS
            event = line.wait(port.fileno(), max(0.0, ask_at - time.monotonic()) if asks else None)
            if event == "stop":
                return
            data = port.read() if event == "ready" else b""
            if data is None:
                raise SourceDown("waiting", f"{self.name} was unplugged or hung up")
            frames = self._frames(data)
            if frames:
                ask_at = min(ask_at, time.monotonic() + ASK_SECONDS)
            if self._take(frames):
                line.opened(self._protocol.kind)
                weight_at = time.monotonic()
            elif asks and time.monotonic() - weight_at > SILENT_SECONDS:
                raise self._silent()

    def _take(self, frames: list[bytes]) -> bool:
        """Whether a weight was among them."""
        found = False
        for frame in frames:
            reading = self._protocol.reading_of(frame, time.time())
            if reading is None:
                self._heard = frame or self._heard
            else:
                self._latest, found = reading, True
        return found

    def _frames(self, data: bytes) -> list[bytes]:
        """What has ended; the rest waits for its end. Of a torn or endless one nothing is left."""
        if not self._protocol.end:
            return [data] if data else []
        # Bit 7 may be a parity bit.
        self._buffer += bytes(byte & 0x7F for byte in data)
        *frames, rest = bytes(self._buffer).split(self._protocol.end)
        if self._torn:
            frames[:1] = [b""] * len(frames[:1])
        self._torn = (self._torn and not frames) or len(rest) > FRAME_MAX
        self._buffer = bytearray(rest[:FRAME_MAX])
        return [frame if len(frame) <= FRAME_MAX else b"" for frame in frames]

    def _silent(self) -> SourceDown:
        self._latest = None
        heard = "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in self._heard or self._buffer)[:40]
        if heard.strip("· "):
            return SourceDown("failed", f"{self.name} says {heard!r}: check its protocol, unit, baud and form")
        return SourceDown("waiting", f"{self.name} does not answer: is it switched on, is its cable the right one?")
