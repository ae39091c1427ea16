"""The dock's words for the other rooms; the rules themselves are in ``server.domain.dock``."""

from server.domain.dock.judging import judge, parcel_of
from server.domain.dock.values import DockParcel, DockVerdict, Load, ParcelState

__all__ = ["DockParcel", "DockVerdict", "Load", "ParcelState", "judge", "parcel_of"]
