"""The calibration code: from how it arrives follows what the scanner is set to. Pure: no device, no clock, no thread.

Its letters and signs stand on other keys in each layout, and it ends in GS, which every scanner sends in its own way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scanners.framing import STX, decoded
from scanners.keys import KeyDecoder
from scanners.layouts import KEYPAD_DIGITS, LAYOUTS
from scanners.profile import SSI, TEXT, Profile, separator
from scanners.ssi import SsiFramer

PLAIN = "ABCXYZ0123456789-_/.+$%:*]"
GS = "\x1d"
CODE = PLAIN + GS

NOTHING, TAB = "nothing", "Tab"
"""Ends in which a serial scanner's codes do not end for us."""
_ENDS = ((b"\r\n", "crlf", "CR LF"), (b"\r", "cr", "CR"), (b"\n", "lf", "LF"), (b"\t", "any", TAB))
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z](?=.)", re.DOTALL)
_ALT = 56

KeyEvent = tuple[int, int, int]
"""Type, code and value, as Linux reports them."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a scanner must be set to, and that is not in its profile: `ends` is what came behind the code."""

    profile: Profile
    ends: str


def of_bytes(data: bytes) -> Heard | None:
    """What a serial scanner is set to that sent this; None when the code is not among it."""
    if (packets := _ssi(data)) is not None:
        found = _of_text(packets)
        return Heard(found.with_options({"suffix": SSI, "feedback": "zebra-ssi"}), "packets of SSI") if found else None
    body, suffix, ends = _unframed(data)
    found = _of_text(decoded(body))
    return Heard(found.with_options({"suffix": suffix}), ends) if found else None


def of_keys(events: Sequence[KeyEvent]) -> Heard | None:
    """What a scanner that plays a keyboard is set to when it pressed these keys; None when they are not the code."""
    ends = next(
        ({28: "Enter", 96: "Enter", 15: "Tab"}[code] for _, code, _ in events[::-1] if code in (28, 96, 15)), ""
    )
    for layout in LAYOUTS:
        for key in ("ctrl-bracket", "f8", "f12"):
            found = _of_text(_typed(events, layout, key))
            if found is None:
                continue
            if found.gs_as == "ctrl-bracket":
                found = found.with_options({"gs": "alt029" if _has_alt_digits(events) else key})
            return Heard(found.with_options({"layout": layout}), ends or "nothing")
    return None


def why_not(data: bytes) -> str:
    """What a person may do where a serial scanner did not send the code alone; empty where nothing of it came."""
    before, *others = _AIM.sub("", decoded(data)).split(PLAIN)
    if not others:
        return ""
    if len(others) > 1:
        return "it came more than once: pull the trigger once"
    return f"set the scanner to send {'no prefix' if before else 'CR behind a code, and nothing else'}"


def shown(data: bytes) -> str:
    """Bytes as a person can read them: text as it is, all else as its hexadecimal number."""
    return "".join(chr(byte) if 0x20 < byte < 0x7F else f"<{byte:02X}>" for byte in data)


def shown_keys(events: Sequence[KeyEvent]) -> str:
    """The keys that were pressed, by their Linux numbers; those held down for others stand before a plus."""
    words: list[str] = []
    held: list[int] = []
    for kind, code, value in events:
        if kind != 1 or value == 2:
            continue
        if value == 0:
            held = [other for other in held if other != code]
        elif code in (29, 97, 42, 54, 56, 100):
            held.append(code)
        else:
            words.append("+".join(map(str, [*held, code])))
    return " ".join(words)


def _of_text(text: str) -> Profile | None:
    """The profile under which this text is the code, frame already off."""
    aim = _AIM.match(text)
    rest = text[3:] if aim else text
    caps = rest.startswith(PLAIN.swapcase())
    if not caps and not rest.startswith(PLAIN):
        return None
    sent = rest[len(PLAIN) :]
    # A profile exchanges the letters first, and looks for what stands for GS then.
    gs_as = _separator(sent.swapcase() if caps else sent)
    return None if gs_as is None else Profile(gs_as=gs_as, aim=aim is not None, caps=caps)


def _separator(sent: str) -> str | None:
    """What stands for GS; None when no profile can say it."""
    if sent in ("", GS):
        return "ctrl-bracket" if sent else "none"
    if GS in sent:
        # What comes behind GS is no part of it, and a profile that says so would hear nothing.
        return None
    try:
        return separator(f"{TEXT}{sent}")
    except ValueError:
        return None


def _unframed(data: bytes) -> tuple[bytes, str, str]:
    """The code, the suffix of its profile, and the suffix in words."""
    if data[:1] == bytes((STX,)):
        return data[1:].split(b"\x03")[0], "stx-etx", "STX and ETX around it"
    for end, suffix, words in _ENDS:
        if data.endswith(end):
            return data.removesuffix(end), suffix, words
    return data, "any", NOTHING


def _ssi(data: bytes) -> str | None:
    """The code in packets of SSI."""
    frames = SsiFramer().feed(data, 0.0)
    return frames[0].text if frames and frames[0].problem is None else None


def _typed(events: Sequence[KeyEvent], layout: str, key: str) -> str:
    decoder = KeyDecoder(layout, separator=key)
    frames = [frame for event in events for frame in decoder.feed(*event, 0.0)] + decoder.expire()
    return next((frame.text for frame in frames if frame.problem in (None, "unterminated")), "")


def _has_alt_digits(events: Sequence[KeyEvent]) -> bool:
    alt = False
    for kind, code, value in events:
        if kind == 1 and code == _ALT:
            alt = value != 0
        elif alt and kind == 1 and value == 1 and code in KEYPAD_DIGITS:
            return True
    return False
