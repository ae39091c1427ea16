"""What a dock said of a parcel, and where the parcel is because of it: inside the vehicle, in a hand, or set aside."""

from server.domain.benchwork.reasons import Reason

LATCHED = (Reason.CANCELLED, Reason.STOPPED)
DONE = (Reason.OK, Reason.UNLOADED, Reason.REMAINS, Reason.ASIDE_DONE)
"""Verdicts by which something happens to a parcel."""
OUT = (Reason.UNLOADED, Reason.REMAINS, Reason.ASIDE_DONE)
"""Of those the ones after which it stands by itself, outside the vehicle."""
_SAME_PLACE = ((Reason.UNLOADED, Reason.NOT_LOADED), (Reason.OK, Reason.ALREADY_LOADED))
TAKEN = (Reason.OK, Reason.ALREADY_LOADED)
"""What a dock said of a parcel that it then left on the vehicle, or put there."""
IN_HAND = (
    *(Reason.CANCELLED, Reason.VOID_LABEL, Reason.WRONG_LABEL, Reason.NOT_PACKED),
    *(Reason.UNLOADED, Reason.REMAINS, Reason.ASIDE_DONE),
)
"""What a dock said of a parcel that somebody holds in the hand, outside the vehicle."""
SET_ASIDE = frozenset(
    {
        *(Reason.CANCELLED, Reason.VOID_LABEL, Reason.LOAD_CLOSED, Reason.WRONG_LOAD, Reason.WRONG_LABEL),
        *(Reason.NOT_PACKED, Reason.LABEL_NOT_CONFIRMED, Reason.WRONG_CARRIER, Reason.WRONG_SERVICE),
        *(Reason.PLANNED_ELSEWHERE, Reason.NOT_PLANNED, Reason.NOT_SIGNED_IN),
    }
)
"""What a dock said of a parcel which it then set aside."""


def same_place(verdict: Reason, said: Reason) -> bool:
    """Whether a dock without news of its colleagues said another word and the parcel is where it would be by ours.

    Scanned to be taken off it is outside, also where the dock knew of no loading; scanned on to a vehicle where it was
    thought to be already it is inside.
    """
    return (verdict, said) in _SAME_PLACE
