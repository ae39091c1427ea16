"""How one unit came to be sold twice: the sales, what each channel showed, and the push that failed (CNF-03)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import NamedTuple


class Sale(NamedTuple):
    """An order's units of the SKU. ``placed_at``: bought; ``received_at``: known to us; seconds since the epoch."""

    order: str
    channel: str
    channel_order_id: str
    units: int
    placed_at: float
    received_at: float


class Push(NamedTuple):
    """One attempt to tell a channel the number; ``answer`` is what came back."""

    channel: str
    at: float
    number: int
    ok: bool
    answer: str = ""


class Cause(StrEnum):
    """PUSH_FAILED: told, and not taken. NOT_TOLD: nothing was sent before the sale. IGNORED: it sold more than it
    had been told. OTHER: no sale of another channel is known that took the units."""

    PUSH_FAILED = "push_failed"
    NOT_TOLD = "not_told"
    IGNORED = "ignored"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class LateDiscovery:
    """The explanation: ``earlier`` took the units that ``late`` was sold as well."""

    sku: str
    late: Sale
    earlier: tuple[Sale, ...]
    cause: Cause
    shown: Push | None
    failed: tuple[Push, ...]
    sentence: str


def explained(
    sku: str, stock: int, late: Sale, sales: Sequence[Sale], pushes: Sequence[Push], *, zone: tzinfo = UTC
) -> LateDiscovery:
    """Explain a sale for which the units were gone.

    ``stock`` units were there before ``sales``, the served ones. ``pushes`` are attempts for this SKU to any channel.
    The number that the late sale's channel showed is the last one it took before the buyer bought.
    """
    earlier = tuple(sorted((s for s in sales if s.order != late.order), key=lambda s: (s.received_at, s.order)))
    told = sorted((p for p in pushes if p.channel == late.channel and p.at <= late.placed_at), key=lambda p: p.at)
    shown = next((p for p in reversed(told) if p.ok), None)
    failed = tuple(p for p in told if not p.ok and (shown is None or p.at > shown.at))
    cause = _cause(late, earlier, shown, failed)
    sentence = f"{_sold(sku, stock, late, earlier, zone)}. {_told(late, cause, shown, failed, zone)}"
    return LateDiscovery(sku, late, earlier, cause, shown, failed, sentence)


def _cause(late: Sale, earlier: Sequence[Sale], shown: Push | None, failed: Sequence[Push]) -> Cause:
    if failed:
        return Cause.PUSH_FAILED
    if shown is not None and shown.number < late.units:
        return Cause.IGNORED
    return Cause.NOT_TOLD if earlier else Cause.OTHER


def _sold(sku: str, stock: int, late: Sale, earlier: Sequence[Sale], zone: tzinfo) -> str:
    units = sum(s.units for s in earlier) + late.units
    took = "; ".join(_one(s, zone) for s in (*earlier, late))
    return f"{sku}: {stock} in stock, {units} sold. {took}"


def _one(sale: Sale, zone: tzinfo) -> str:
    known = "" if sale.received_at - sale.placed_at < 1 else f", known to us at {_time(sale.received_at, zone)}"
    name = f"order {sale.order} ({sale.channel} {sale.channel_order_id})"
    return f"{name} took {sale.units} at {_time(sale.placed_at, zone)}{known}"


def _told(late: Sale, cause: Cause, shown: Push | None, failed: Sequence[Push], zone: tzinfo) -> str:
    saw = f"{late.channel} showed {shown.number} since {_time(shown.at, zone)}" if shown else f"{late.channel} was told"
    if cause is Cause.PUSH_FAILED:
        last = failed[-1]
        times = f", the last of {len(failed)} tries," if len(failed) > 1 else ""
        still = saw if shown else f"{late.channel} never took a number"
        return (
            f"{still}: the push of {last.number} at {_time(last.at, zone)}{times} failed ({last.answer or 'no answer'})"
        )
    if cause is Cause.IGNORED:
        return f"{saw} and sold {late.units} all the same"
    if cause is Cause.NOT_TOLD:
        return f"{saw}: the new number had not been sent" if shown else f"{late.channel} had not been told any number"
    return f"{saw}: no other sale explains it" if shown else f"{late.channel} had not been told any number"


def _time(at: float, zone: tzinfo) -> str:
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S %Z").strip()
