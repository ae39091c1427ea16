"""Zebra's Simple Serial Interface: packets of length, opcode, source, status, data and a checksum.

The length counts itself up to the data; the checksum is 0x10000 minus the sum of those bytes, high byte first. The
scanner sends DECODE_DATA, whose data are the kind of symbol and then the code, and wants CMD_ACK for it or CMD_NAK.
"""

from __future__ import annotations

from scanners.framing import IDLE_SECONDS, SIZE_MAX, Frame, decoded

BEEP, ACK, NAK, DECODE_DATA = 0xE6, 0xD0, 0xD1, 0xF3
_HOST = 0x04
_HEAD, _CHECKSUM = 4, 2
_AGAIN, _CONTINUED = 0x01, 0x02
"""Bits 0 and 1 of the status: sent before, and not answered in time; more packets of the same code follow."""
GIVEN_UP_SECONDS = 10.0
"""After so long a scanner sends nothing again, and nothing more of a code."""


def packet(opcode: int, data: bytes = b"") -> bytes:
    """A packet from us to the scanner."""
    body = bytes((_HEAD + len(data), opcode, _HOST, 0)) + data
    return body + checksum(body)


def checksum(body: bytes) -> bytes:
    """Of everything from the length to the last byte of the data."""
    return (-sum(body) & 0xFFFF).to_bytes(_CHECKSUM, "big")


class SsiFramer:
    """Cuts the packets of a scanner into codes, as `framing.Framer` does; `replies` is what it must be answered.

    A packet with a wrong checksum is refused, so that the scanner sends it again. One that is sent again although it
    was taken is acknowledged and counts once: only our answer was lost. Packets of other kinds mean nothing here.
    """

    def __init__(self, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self.idle_seconds = idle_seconds
        self._bytes = bytearray()
        self._code = bytearray()
        self._headless = False
        """The beginning of the code that is being sent was given up, so that its end must not pass for a code."""
        self._taken = b""
        """The packet that was acknowledged last, but for `_AGAIN`; empty when anything was lost since."""
        self._first_at = self._last_at = 0.0
        self._replies = bytearray()

    @property
    def pending(self) -> bool:
        """Part of a packet or of a code is here and its end is not."""
        return bool(self._bytes or self._code)

    def replies(self) -> bytes:
        """What the scanner waits for since this was asked last."""
        said = bytes(self._replies)
        self._replies.clear()
        return said

    def feed(self, data: bytes, at: float) -> list[Frame]:
        """Take bytes which arrived `at` and give the codes they complete, oldest first."""
        if not self.pending:
            self._first_at = at
        if at - self._last_at > GIVEN_UP_SECONDS:
            self._taken, self._headless = b"", False
        self._last_at = at
        self._bytes += data
        frames: list[Frame] = []
        while (one := self._packet()) is not None:
            frames += self._take(one)
        return frames

    def expire(self) -> list[Frame]:
        """Drop what is pending; told when part of a code is among it."""
        lost = bool(self._code) or len(self._bytes) > _HEAD
        frame = Frame(decoded(bytes(self._code)), self._first_at, self._last_at, "partial")
        self._headless, self._taken = self._headless or bool(self._code), b""
        self._bytes.clear()
        self._code.clear()
        return [frame] if lost else []

    def _packet(self) -> bytes | None:
        """The next whole packet, without its checksum; empty when that was wrong, None when there is none yet."""
        while self._bytes and self._bytes[0] < _HEAD:
            # No packet is that short: noise on the line, or the end of one whose beginning was lost.
            del self._bytes[0]
        if not self._bytes or len(self._bytes) < self._bytes[0] + _CHECKSUM:
            return None
        size = self._bytes[0]
        whole = bytes(self._bytes[: size + _CHECKSUM])
        del self._bytes[: size + _CHECKSUM]
        return whole[:size] if whole[size:] == checksum(whole[:size]) else b""

    def _take(self, body: bytes) -> list[Frame]:
        if not body:
            self._replies += packet(NAK, b"\x01")
            self._taken = b""
            return []
        if body[1] != DECODE_DATA:
            return []
        self._replies += packet(ACK)
        status, data = body[3], body[_HEAD:]
        before, self._taken = self._taken, bytes((status & ~_AGAIN,)) + data
        if status & _AGAIN and self._taken == before:
            return []
        self._code += data[1:]
        return self._ended(more=bool(status & _CONTINUED))

    def _ended(self, *, more: bool) -> list[Frame]:
        """The code that is here, when nothing more of it follows or it is too much; then it is here no longer."""
        too_long = len(self._code) > SIZE_MAX
        if more and not too_long and not self._headless:
            return []
        text, lost = decoded(bytes(self._code)), self._headless
        self._code.clear()
        self._headless = more
        if lost:
            return [] if more else [Frame("", self._first_at, self._last_at, "dropped")]
        if too_long:
            return [Frame("", self._first_at, self._last_at, "too_long")]
        return [Frame(text, self._first_at, self._last_at)] if text else []
