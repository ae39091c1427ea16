"""What a driver signs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """One parcel on a load. `assumed`: somebody closed the load with it although it was not scanned on."""

    parcel_id: str
    tracking: str
    order_number: str
    weight_grams: int | None
    loaded_at: str
    loaded_by: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class LoadManifest:
    """What one vehicle took, frozen at closing; `left_behind` are tracking numbers expected and not loaded."""

    load_id: str
    carrier: str
    site: str
    opened_at: str
    closed_at: str
    closed_by: str
    lines: tuple[ManifestLine, ...]
    left_behind: tuple[str, ...] = ()
    trailer: str = ""
    driver: str = ""
    left_because: str = ""
    assumed_by: str = ""
    """The supervisor by whose word the assumed lines are loaded."""
    cancelled: tuple[str, ...] = ()
    """Tracking numbers on the vehicle whose orders were cancelled: the carrier is asked to stop them."""
    cancels_known_at: str = ""
    """Of a load closed with no network: cancels were known up to then."""
    provisional: bool = False
    """Made by a dock with no network, before the server has judged its scans: the frozen one follows."""
