"""Bytes no honest scanner sends, and some that a wrongly set one does; the same ones each time."""

import random
from collections.abc import Iterator

from scanners.calibration import CODE

GTIN = b"04006381333931"
GS = b"\x1d"
AIM = (
    b"",
    b"]C0",
    b"]C1",
    b"]E0",
    b"]E3",
    b"]E4",
    b"]e0",
    b"]d1",
    b"]d2",
    b"]Q1",
    b"]Q3",
    b"]I1",
    b"]L2",
    b"]z0",
    b"]Z9",
)
SEPARATORS = (GS, b"|", b"<GS>", b"{GS}", b"^]", b"~1", b"\xe8", b"", GS + GS)
SET_UP = (
    *(
        b"\\F9",
        b"\\0001",
        b"@FACDEF;",
        b"$+#TU$-",
        b"$P,Ae\r$P",
        b"\x16M\r",
        b"\x16T\r",
        b"\x1b7,",
        b"\x1b[2J",
        b"\x1b]0;x\x07",
    ),
    *(
        b"\x02\x03",
        b"\x02",
        b"\x03",
        b"SETDEF.",
        b"^XA^JUF^XZ",
        b"~JR",
        b"\x05\xe6\x04\x00\x00\xff\x11",
        b"\x10\x04\x01",
    ),
    *(
        CODE.encode(),
        b"PPA-1",
        b"PPA-",
        b"PPB-",
        b"PPC-",
        b"PPC-\x00OK",
        b"PPQ--1",
        b"PPX-../..",
        b"PPT-%00",
        b"PPO-" + b"9" * 60,
    ),
)
"""Codes of scanners' manuals and printers' languages, and our own prefixes abused."""
LONG = (b"A" * 4096, b"9" * 4096, GS * 4096, b"]C1" + b"10A" + GS + b"21B" + GS * 4000, b"(01)" * 1000, b"\xff" * 5000)


def hostile(count: int, seed: int = 5) -> Iterator[bytes]:
    """So many codes without their ends: each class whole, the rest mixed by chance."""
    chance = random.Random(seed)
    made = [*_controls(), *_messages(), *SET_UP, *LONG]
    yield from made
    for _ in range(count - len(made)):
        yield _mixed(chance)


def _controls() -> Iterator[bytes]:
    """Every byte, alone, before, within and after a product's code."""
    for byte in range(256):
        one = bytes((byte,))
        yield from (one, one + GTIN, GTIN[:7] + one + GTIN[7:], GTIN + one, one * 40)


def _messages() -> Iterator[bytes]:
    for aim in AIM:
        for gs in SEPARATORS:
            yield aim + b"01" + GTIN + b"10LOT7" + gs + b"21SN9" + gs + b"17271231"
            yield aim + gs + b"01" + GTIN[:-1] + b"2" + b"3103" + b"999999" + gs
            yield aim + gs.join((b"10A", b"10B", b"00" + b"3" * 18, b"17999999"))


def _mixed(chance: random.Random) -> bytes:
    parts = (
        chance.choice(AIM),
        GTIN,
        GTIN[1:],
        b"01",
        b"10",
        b"21",
        b"30",
        b"37",
        b"8008",
        b"http://",
        b"/01/",
        b"?17=",
    )
    pieces = [
        chance.choice((*parts, *SEPARATORS, *SET_UP[:12], chance.randbytes(chance.randrange(6)))) for _ in range(6)
    ]
    code = b"".join(pieces)
    return code[: chance.randrange(1, len(code) + 1)] if chance.random() < 0.3 and code else code
