"""A scan at the dock in few and short words, for somebody who sees only the phone."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from server.domain.benchwork.reasons import Reason
from server.domain.dock.barcodes import sscc_of
from server.usecases.overview.board_words import Shape, reason_words, spoken

_WORDS = {
    Reason.OK: "loaded",
    Reason.UNLOADED: "taken off",
    Reason.ASIDE_DONE: "set aside, done",
    Reason.CANCELLED: "cancelled",
    Reason.STOPPED: "not counted",
    Reason.NOT_SIGNED_IN: "not counted",
}
"""Shorter than on the board, where they name benches of both kinds."""
_DO = {
    Reason.CANCELLED: "Pull this parcel. Nothing counts until OK at the dock.",
    Reason.STOPPED: "The dock is stopped: first OK there.",
    Reason.NOT_SIGNED_IN: "Somebody who loads signs in at the dock.",
    Reason.LOAD_CLOSED: "Set it aside for the next truck.",
    Reason.PALLET_REFUSED: "Take it apart: parcels of it stay here.",
}


@dataclass(frozen=True, slots=True)
class PhoneVerdict:
    """One scan at this load; ``key`` is its own for ever, ``do`` what to do about it."""

    key: str
    words: str
    shape: Shape
    item: str
    do: str = ""


def verdict(row: Row[Any]) -> PhoneVerdict:
    """Of a row of the dock's log with its parcel's tracking number."""
    words, shape = reason_words(row.reason)
    pallet = sscc_of(row.raw) if row.parcel_id is None else ""
    if row.reason == Reason.OK and row.parcel_id is None:
        words = "pallet loaded" if pallet else "go on"
    else:
        words = _WORDS.get(row.reason, words)
    stopped = "Set it aside." if shape is Shape.STOP else ""
    item = spoken(row.tracking or pallet or row.raw, 40)
    return PhoneVerdict(f"{row.dock_session}:{row.seq}", words, shape, item, _DO.get(row.reason, stopped))
