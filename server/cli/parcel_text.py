"""A parcel's story, and the lists of parcels, as lines for a terminal."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from server.cli.clocks import when
from server.cli.columns import columns

if TYPE_CHECKING:
    from server.usecases.tracking.figures import Compliance, Told
    from server.usecases.tracking.finding import Story

NAMED_MOST = 40
"""Tracking numbers of a list that are printed; its count is always told."""


def story_lines(story: "Story") -> Iterator[str]:
    """Facts first, then the journey, the scans and the cases, each in its order."""
    zone = story.time_zone

    def line(name: str, *words: str) -> str:
        return columns((name, 12), (" · ".join(word for word in words if word), 0))

    goods = ", ".join(f"{units} x {sku}" for sku, units in sorted(story.skus.items()))
    delivered = f"{story.order_delivered} of {story.order_parcels} parcels delivered" if story.order_parcels else ""
    yield line("parcel", story.tracking or "-", story.parcel, story.state)
    yield line("carrier", story.carrier_name, story.service)
    yield line("order", story.order, f"{story.channel} {story.channel_order}", story.order_status, delivered)
    yield line("goods", goods or "-")
    if story.serials:
        yield line("serials", ", ".join(story.serials))
    yield line("location", f"{story.site} {story.site_name}")
    yield line("promise", f"ship by {when(story.ship_by, zone)}", f"deliver by {when(story.deliver_by, zone)}")
    yield line("packed", story.packer or "-", story.bench, when(story.packed_at, zone))
    yield line("loaded", story.load or "-", story.loader, when(story.loaded_at, zone))
    yield line("handed over", when(story.handed_at, zone))
    yield line("channel told", story.told or "no")
    since = f"since {when(story.since, zone)}" if story.since else ""
    eta = f"expected {when(story.eta, zone)}" if story.eta else ""
    yield line("status", story.status.replace("_", " ") or "nothing heard", since, eta)
    for alarm in story.alarms:
        yield line("wrong", alarm.replace("_", " "))
    for event in story.events:
        said = " ".join(word for word in (event.code, event.words) if word)
        yield columns(("  ", 2), (when(event.at, zone), 18), (event.status, 22), (said, 0), (event.place, 0))
    for scan in story.scans:
        told = f"{scan.raw} {scan.verdict} {scan.sku}"
        yield columns(("  ", 2), (when(scan.at, zone), 18), (scan.where, 14), (scan.who, 20), (told, 0))
    for case in story.cases:
        yield line(f"case {case.state}", case.cause, f"for {case.owner}", f"proposed: {case.remedy}")
        yield line("", f"to the buyer: {case.text}")


def told_lines(found: Iterable["Told"]) -> Iterator[str]:
    """One channel after the other; a list that is empty is not shown."""
    for each in found:
        moment = each.tell_at.value.replace("_", " ")
        counts = f"{each.confirmed} confirmed, {each.pending} pending, {each.failed} failed"
        yield columns((each.channel, 16), (f"told at {moment}", 22), (counts, 0))
        lists = (
            ("left and not told", each.loaded_not_told),
            ("told and not left", each.told_not_loaded),
            ("cancelled but told", each.cancelled_but_told),
            ("cancelled, and perhaps told", each.cancelled_maybe_told),
            ("scanned by its carrier, on no load", each.scanned_not_loaded),
        )
        for name, numbers in lists:
            if numbers:
                more = f" and {len(numbers) - NAMED_MOST} more" if len(numbers) > NAMED_MOST else ""
                yield columns(("", 1), (f"{name}: {len(numbers)}: {', '.join(numbers[:NAMED_MOST])}{more}", 0))


def compliance_lines(found: Iterable["Compliance"]) -> Iterator[str]:
    """Share of parcels scanned within a day."""
    for each in found:
        share = f"{100 * each.share:.1f} %"
        yield columns(("", 1), (each.name, 20), (share, 9), (f"{each.scanned} of {each.handed_over}", 0))
