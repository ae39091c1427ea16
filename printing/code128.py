"""Code 128 planned by us (ISO/IEC 15417, annex E), so that its width is known before a printer draws it."""

from dataclasses import dataclass
from itertools import takewhile

QUIET_ZONE = 10
"""Modules of white on either side."""
_SYMBOL, _STOP = 11, 13


@dataclass(frozen=True, slots=True)
class Plan:
    """`runs` alternate between subset "B" (one character a symbol) and "C" (two digits a symbol)."""

    runs: tuple[tuple[str, str], ...]

    @property
    def modules(self) -> int:
        """Width from the first bar to the last, without quiet zones."""
        data = sum(len(text) // 2 if subset == "C" else len(text) for subset, text in self.runs)
        start_or_switch, check = len(self.runs), 1
        return _SYMBOL * (start_or_switch + data + check) + _STOP


def plan(text: str) -> Plan:
    """The shortest usual coding of printable ASCII; raises ValueError for anything else."""
    if not text or any(not " " <= character <= "~" for character in text):
        raise ValueError(f"Code 128: expected printable ASCII, found {text!a}")
    runs: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        digits = _digits_at(text, at)
        if _worth_pairing(digits, starts=at == 0, ends=at + digits == len(text)):
            # An odd digit goes before the pairs, except at the start where a switch would cost one symbol more.
            if digits % 2 and at:
                _append(runs, "B", text[at])
                at += 1
            pairs = text[at : at + digits // 2 * 2]
            runs.append(("C", pairs))
            at += len(pairs)
        else:
            taken = max(digits, 1)
            _append(runs, "B", text[at : at + taken])
            at += taken
    return Plan(tuple(runs))


def _digits_at(text: str, at: int) -> int:
    return len(list(takewhile(str.isdigit, text[at:])))


def _worth_pairing(digits: int, *, starts: bool, ends: bool) -> bool:
    if starts and ends and digits == 2:
        return True
    return digits >= (4 if starts or ends else 6)


def _append(runs: list[tuple[str, str]], subset: str, text: str) -> None:
    if runs and runs[-1][0] == subset:
        runs[-1] = (subset, runs[-1][1] + text)
    else:
        runs.append((subset, text))
