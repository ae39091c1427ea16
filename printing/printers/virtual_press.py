"""The inside of the software printer: bytes go in, labels come out, and everything can go wrong on purpose.

It is as forgetful and as unforgiving as a real one: a format that broke off stays open over connections, and what comes
next is merged into it; bytes of a binary picture are counted, whatever they say; a label in the press when the paper
ends is torn, and comes out again, whole, only while ^JZY holds.
"""

import re
from collections import deque
from dataclasses import dataclass, field

_HOST_STATUS, _CANCEL_ALL = b"~HS", b"~JA"
_ZPL = re.compile(rb"~HS|~JA|\^XZ|\^GFB,\d+,(\d+),\d+,", re.IGNORECASE)
_JZ = re.compile(rb"\^JZ\s*([YN])", re.IGNORECASE)
_DRAWS = re.compile(rb"\^(FD|FV|GB|GF|XG|IM|GC|GD)", re.IGNORECASE)
_LONGEST_COMMAND = 40
_ESCPOS = re.compile(
    rb"\x10\x04([\x01-\x04])|\x1dr([\x01\x02\x31\x32])|\x1dV(?:[\x00\x01\x30\x31]|[\x41\x42].)", re.DOTALL
)


@dataclass(slots=True)
class Press:
    """Set the troubles at any time; `take` and `work` act on them. `torn` are the pieces that came out half."""

    language: str = "zpl"
    paper_out: bool = False
    paused: bool = False
    head_open: bool = False
    ribbon_out: bool = False
    hot: bool = False
    cold: bool = False
    buffer_full: bool = False
    silent: bool = False
    tells_in_line: bool = True
    """Whether it knows GS r, which it comes to when all before it is out; some do not."""
    owed: int = 0
    """Questions in line that it has not come to yet."""
    forgets_torn: bool = False
    """As if ^JZN were built in: it does not print a torn label again."""
    reprints: bool = False
    """What ^JZ said last; off until told, as some program left it."""
    paper_left: int | None = None
    """Whole labels until the paper ends in the middle of one; None for a roll without end."""
    jobs: list[bytes] = field(default_factory=list)
    torn: list[bytes] = field(default_factory=list)
    inside: deque[bytes] = field(default_factory=deque)
    _open: bytes = b""
    _read: int = 0
    """How far into `_open` commands were looked for."""
    _to_skip: int = 0

    @property
    def stands(self) -> bool:
        """Whether nothing can come out now."""
        stopped = self.paper_out or self.paused or self.head_open or self.ribbon_out
        return stopped or self.hot or self.cold

    @property
    def partial(self) -> bool:
        """Whether a format has begun and not ended."""
        return bool(self._open.strip(b"\0\r\n "))

    def take(self, data: bytes) -> bytes:
        """Bytes from outside; what the printer says to them."""
        return self._take_escpos(data) if self.language == "escpos" else self._take_zpl(data)

    def next_out(self) -> bytes | None:
        """The label that comes out now, if nothing stands in the way; give it to `out` when it is there."""
        if self.stands or not self.inside:
            return None
        if self.paper_left == 0:
            self._tear()
            return None
        return self.inside[0]

    def out(self, label: bytes) -> None:
        """This label lies in the tray, unless it was cancelled meanwhile."""
        if self.inside and self.inside[0] is label:
            self.jobs.append(self.inside.popleft())
            if self.paper_left is not None:
                self.paper_left -= 1

    def work(self) -> None:
        """Put out all that can come out now."""
        while (label := self.next_out()) is not None:
            self.out(label)

    def reload(self, labels: int | None = None) -> None:
        """Somebody puts in a roll."""
        self.paper_left, self.paper_out = labels, False

    def switch_off(self) -> None:
        """What is inside is lost."""
        self.inside.clear()
        self._open, self._read, self._to_skip, self.owed = b"", 0, 0, 0

    def answers_in_line(self) -> bytes:
        """To questions it has come to by now: whoever asked hears it, if the line is still open."""
        if self.inside or self.stands:
            return b""
        answers, self.owed = b"\0" * self.owed, 0
        return answers

    def host_status(self) -> bytes:
        """The answer to ~HS."""
        first = (
            f"030,{self.paper_out:d},{self.paused:d},1245,{len(self.inside):03},{self.buffer_full:d},0,"
            f"{self.partial:d},000,0,{self.cold:d},{self.hot:d}"
        )
        second = f"000,0,{self.head_open:d},{self.ribbon_out:d},1,2,6,0,00000000,1,000"
        return b"".join(b"\x02" + line.encode() + b"\x03\r\n" for line in (first, second, "1234,0"))

    def real_time_status(self, asked: int) -> bytes:
        """The answer to DLE EOT."""
        bits = {
            1: 0x08 * self.stands,
            2: 0x04 * (self.head_open or self.paused) | 0x20 * self.paper_out,
            3: 0x40 * self.hot,
            4: 0x60 * self.paper_out,
        }
        return bytes([0x12 | bits[asked]])

    def _tear(self) -> None:
        self.paper_out = True
        self.torn.append(self.inside[0])
        if self.forgets_torn or not self.reprints:
            self.inside.popleft()

    def _take_zpl(self, data: bytes) -> bytes:
        answers = b""
        self._open += data
        self._skip()
        while found := _ZPL.search(self._open, self._read):
            before, after, said = self._open[: found.start()], self._open[found.end() :], found[0].upper()
            if said == _HOST_STATUS:
                self._open, self._read = before, len(before)
                answers += b"" if self.silent else self.host_status()
                self._open += after.removeprefix(b"\r\n")
            elif said.startswith(b"^GFB"):
                self._read, self._to_skip = found.end(), int(found[1])
                self._skip()
            else:
                self._open, self._read = after.lstrip(b"\r\n"), 0
                if said == _CANCEL_ALL:
                    self.inside.clear()
                else:
                    self._format((before + found[0]).lstrip(b"\0\r\n "))
        self._read = max(self._read, len(self._open) - _LONGEST_COMMAND)
        return answers

    def _skip(self) -> None:
        """The bytes of a binary picture are counted, whatever they say."""
        if self._to_skip:
            came = min(self._to_skip, len(self._open) - self._read)
            self._read, self._to_skip = self._read + came, self._to_skip - came

    def _format(self, zpl: bytes) -> None:
        for told in _JZ.finditer(zpl):
            self.reprints = told[1].upper() == b"Y"
        if _DRAWS.search(zpl):
            self.inside.append(zpl)

    def _take_escpos(self, data: bytes) -> bytes:
        answers = b""
        self._open += data
        while found := _ESCPOS.search(self._open):
            before, after = self._open[: found.start()], self._open[found.end() :]
            if found[1]:
                answers += b"" if self.silent else self.real_time_status(found[1][0])
                self._open = before + after
            elif found[2]:
                self._open = before + after
                self.owed += self.tells_in_line
            else:
                self._open = after
                if before.replace(b"\x1b@", b"").strip(b"\0\n"):
                    self.inside.append(before.strip(b"\0") + found[0])
        return answers
