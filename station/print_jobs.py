"""The bench's labels in the spool: one job per parcel and named by it, so that nothing prints twice by accident."""

import logging
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from printing import zpl
from printing.documents import ShippingLabel
from printing.spool import Job, JobState, Spool
from station.views import Lamp, Light, State

_log = logging.getLogger("packproof.station")
T = TypeVar("T")
_TROUBLES = (KeyError, OSError, sqlite3.Error)


class PrintJobs:
    """What the desks ask of the spool. Trouble there is told in the status line and never costs a scan."""

    def __init__(self, spool: Spool | None) -> None:
        self._spool = spool
        self._trouble = ""

    @property
    def available(self) -> bool:
        """Whether this bench has a printer at all."""
        return self._spool is not None

    def start(self) -> None:
        """Begin to print; raises SpoolInUse."""
        if self._spool:
            self._spool.start()

    def stop(self) -> None:
        """End after the job that is just leaving."""
        if self._spool:
            self._spool.stop()

    def print(self, label: ShippingLabel) -> None:
        """Ask for this label once; asked again it changes nothing. Raises ValueError when it cannot be drawn."""
        data = zpl.shipping_label(label)
        self._try(lambda spool: spool.request(label.parcel_id, "label", label.order_number, data))

    def print_again(self, label: ShippingLabel) -> None:
        """One more copy."""
        if self.job(label.parcel_id) is None:
            self.print(label)
        else:
            self._try(lambda spool: spool.reprint(label.parcel_id))

    def job(self, parcel_id: str | None) -> Job | None:
        """How a parcel's label stands."""
        return self._try(lambda spool: spool.job(parcel_id)) if parcel_id else None

    def hold(self, parcel_id: str | None) -> None:
        """A label that has not left stays back, so that it never comes out while another order is open."""
        if parcel_id and self.job(parcel_id):
            self._try(lambda spool: spool.hold(parcel_id))

    def release(self, parcel_id: str) -> None:
        """Let a label that was kept back come out."""
        self._try(lambda spool: spool.release(parcel_id))

    def applied(self, parcel_id: str | None) -> None:
        """The label was scanned on its box."""
        if parcel_id and self.job(parcel_id):
            self._try(lambda spool: spool.applied(parcel_id))

    def erase(self, order_number: str) -> None:
        """The order ended without this label: it must not come out any more."""
        self._try(lambda spool: spool.erase(order_number))

    def lamp(self) -> Lamp:
        """The printer as one light; it says itself what it needs.

        A held job is not tried, so what it says may be old: it counts only until the printer has spoken for itself.
        """
        if self._spool is None:
            return Lamp(Light.OFF, State.NO_PRINTER)
        waiting = self._try(lambda spool: spool.waiting()) or ()
        status = self._spool.printer_status
        if self._trouble:
            return Lamp(Light.LOOK, State.SPOOL, words=self._trouble)
        if status is not None and status.state in ("offline", "attention"):
            return Lamp(Light.LOOK, State.NEEDS_HAND, words=status.detail)
        troubles = [job.detail for job in waiting if job.detail and (status is None or not job.held)]
        if troubles:
            return Lamp(Light.LOOK, State.NEEDS_HAND, words=troubles[0])
        held = sum(job.held for job in waiting)
        return Lamp(Light.OK, State.KEPT_BACK, held) if held else Lamp(Light.OK, State.READY)

    def _try(self, ask: Callable[[Spool], T]) -> T | None:
        if self._spool is None:
            return None
        try:
            answer = ask(self._spool)
        except _TROUBLES as error:
            _log.error("the print spool failed: %r", error)
            self._trouble = str(error)
            return None
        self._trouble = ""
        return answer


def on_paper(job: Job) -> bool:
    """Whether the label should be lying there. A printer that took it and then complained has not printed it."""
    return job.state in (JobState.PRINTED, JobState.APPLIED) or (job.state is JobState.SENT and not job.detail)


def caught(job: Job) -> bool:
    """Whether the printer took it and then complained, and has not said since that it came out."""
    return job.state is JobState.SENT and bool(job.detail)


def in_doubt(job: Job) -> bool:
    """Whether only a person can tell if it came out."""
    return job.state is JobState.UNCERTAIN
