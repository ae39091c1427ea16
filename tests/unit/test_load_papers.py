"""What comes out of the printers of a dock when a load leaves: once each, and once more by a scan."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pypdfium2
import pytest

from printing.routes import BenchPrinter
from printing.spool import Pace, Spool
from server import wire
from server.domain.benchwork.handoff import Load, ParcelState
from server.domain.dock.values import LeftReason
from server.domain.errors import Unavailable
from station.desks.driver_paper import provisional
from station.desks.load_papers import LoadPapers
from station.jobs import Worker
from station.journal import Journal
from station.link import Link
from station.print_jobs import PrintJobs
from station.views import Note
from station.workplace import Workplace
from tests import builders
from tests.fakes import FakePrinter, FakeServer, until

OFFICE = BenchPrinter("office", "file:/?language=pdf", kinds=("manifest",))
LABELS = BenchPrinter("labels", "file:/", kinds=("label", "driver", "pull"))
WAITS = wire.Problem(code="not_ready", status=409, detail="the carrier has not answered")


@dataclass
class Dock:
    """A dock with an office printer and one for labels."""

    papers: LoadPapers
    server: FakeServer
    place: Workplace
    office: FakePrinter
    labels: FakePrinter

    def look(self) -> None:
        """The next round."""
        self.papers._look_at = 0.0
        self.papers.look()


@pytest.fixture
def dock(tmp_path: Path) -> Iterator[Dock]:
    """With a snapshot and a worker."""
    server, journal = FakeServer(), Journal(tmp_path / "journal.db")
    client = server.client()
    place = Workplace(journal, client, time.time, "Dock 1")
    place.adopt(server.snapshot)
    office, labels = FakePrinter(), FakePrinter()
    pace = Pace(0.02, 0.05, 0.02, 0.02, 0.2)
    spool = Spool(tmp_path / "spool.db", {"office": office, "labels": labels}, pace=pace)
    jobs, worker = PrintJobs(spool, (OFFICE, LABELS)), Worker("papers")
    jobs.start()
    worker.start()
    yield Dock(LoadPapers(place, jobs, worker, Link(), tmp_path / "manifests"), server, place, office, labels)
    worker.stop()
    spool.close()
    client.close()
    journal.close()


def left(*parcels: str) -> Load:
    """A load that left with these parcels; one more stays."""
    on = [replace(builders.parcel(n), state=ParcelState.LOADED, load_id="NEW-1", weight_grams=1250) for n in parcels]
    return replace(builders.load((*on, builders.parcel("9")), "NEW-1"), closed=True, trailer="Trailer 7")


def words(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join("\n".join(page.get_textpage().get_text_bounded() for page in document).split())


def test_a_driver_signs_what_the_dock_holds_where_a_load_left_with_no_network(dock: Dock) -> None:
    request = wire.CloseRequest(
        person_id=3, loaded=2, left_reason=LeftReason.NO_SPACE, closed_at=time.time(), cancels_known_at=1_700_000_000.0
    )
    dock.server.away = True
    dock.papers.left_alone(provisional(left("1", "2"), dock.server.snapshot, request))
    until(lambda: dock.office.jobs and dock.labels.jobs, "the page and the slip")
    page = words(dock.office.jobs[0])
    for said in ("PROVISIONAL LOAD MANIFEST", "TRK00000001", "TRK00000002", "2.500 kg", "Trailer 7", "Signature"):
        assert said in page, said
    assert "cancelled orders are known up to 2023-11-14" in page
    assert "Expected and not loaded: 1 (no space) TRK00000009" in page
    slip = dock.labels.jobs[0]
    assert all(said in slip for said in (b"TRK00000002", b"2.50 kg", b"signature", b"2023-11-14"))
    [path] = dock.papers.provisional.values()
    assert Path(path).read_bytes() == dock.office.jobs[0]


def test_the_carriers_paper_prints_when_it_comes_also_after_a_restart_and_each_paper_once(dock: Dock) -> None:
    dock.server.forms["L-1"] = WAITS
    with dock.place.lock:
        dock.papers.expect("L-1")
    dock.look()
    until(lambda: dock.office.jobs == [b"%PDF-fake"], "the manifest")
    again = LoadPapers(dock.place, dock.papers._jobs, dock.papers._worker, Link(), dock.papers._folder)
    again.restore()
    dock.papers = again
    dock.server.forms["L-1"] = b"^XA^FO50,50^FDSCAN FORM^FS^XZ"
    dock.look()
    until(lambda: dock.labels.jobs == [b"^XA^FO50,50^FDSCAN FORM^FS^XZ"], "the carrier's form")
    assert again.awaited == ()
    dock.look()
    assert (len(dock.office.jobs), len(dock.labels.jobs)) == (1, 1)
    again.once_more("L-1")
    until(lambda: (len(dock.office.jobs), len(dock.labels.jobs)) == (2, 2), "both once more")


def test_a_load_of_which_the_server_has_no_paper_is_named(dock: Dock) -> None:
    dock.server.refuse["manifest.pdf"] = wire.Problem(code="not_found", status=404, detail="no such load")
    dock.papers.once_more("LOAD000099")
    until(lambda: (f := dock.place.flash) is not None and (f.detail, f.item) == (Note.NO_PAPER, "LOAD000099"))


def test_a_cancelled_parcel_gets_a_slip_that_says_to_pull_it(dock: Dock) -> None:
    dock.papers.pull(builders.parcel("7"), "212 / 640")
    until(lambda: dock.labels.jobs, "the slip")
    missing = [said for said in (b"PULL", b"TRK", b"212") if said not in dock.labels.jobs[0]]
    assert missing == [], dock.labels.jobs[0]


def test_a_paper_the_server_fails_on_holds_up_neither_its_form_nor_the_papers_of_others(dock: Dock) -> None:
    fails = wire.Problem(code="bug", status=500, detail="cannot be drawn")
    dock.server.refuse["L-1/manifest.pdf"] = fails
    dock.server.forms["L-1"] = b"^XA^FDform^FS^XZ"
    with dock.place.lock:
        dock.papers.expect("L-1")
        dock.papers.expect("L-2")
    with pytest.raises(Unavailable):
        dock.look()
    until(lambda: dock.office.jobs == [b"%PDF-fake"] and dock.labels.jobs, "the other manifest, and the form")
    assert [(each.load_id, each.manifest, each.form) for each in dock.papers.awaited] == [("L-1", True, False)]
