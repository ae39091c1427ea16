"""What the server and the printer say is read in the language of the packer: stops, labels, paper."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from printing.printers.troubles import Trouble
from server import wire
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from station.screens.picture import picture
from station.store import JournalFailed
from station.views import LabelStage, Lamp, Light, Note, State, StopView
from station.widgets.sheet import Sheet
from station.widgets.status import status
from station.wording import de, device, en, speak, told
from tests import builders
from tests.bench_floor import ALL_UNITS, OneBench
from tests.fakes import FakeServer, until
from tests.scenes import NOW, STATUS
from tests.unit.test_desks_dock import Clock, at_dock
from tests.unit.test_widgets import text_of

pytestmark = pytest.mark.usefixtures("quick_bench")


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    """Spoken here."""
    speak("de")
    yield
    speak("en")


def shown(floor: OneBench) -> str:
    """The whole screen as one line of text."""
    return " ".join(text_of(picture(floor.bench.view, Sheet(80, 24, NOW, STATUS))).split())


def test_a_stop_says_why_in_german_on_the_screen_and_for_a_box_aside(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        session_id = floor.pack_view.session.session_id
        says = {"says": "stop_taken", "person": "Ben", "bench": "Bench 2"}
        words = "Ben goes on with it at Bench 2"
        floor.server.stops = [
            wire.SessionStop(session_id=session_id, reason=Reason.TAKEN_OVER, detail=words, says=says)
        ]
        until(lambda: isinstance(floor.bench.view, StopView))
        assert "Ben macht damit an Bench 2 weiter." in shown(floor) and words not in shown(floor)
        flash = floor.bench.view.flash
        assert flash is not None and told(flash) == "Ben macht damit an Bench 2 weiter."


def test_a_refused_label_and_a_carrier_that_does_not_answer_are_said_in_german(tmp_path: Path) -> None:
    with OneBench(tmp_path, FakeServer([builders.order()])).open() as floor:
        facts = {"says": "label_refused", "carrier": "Post", "why": "no such street"}
        floor.server.refuse["/label"] = wire.Problem(
            code="label_failed", detail="Post refused", status=422, facts=facts
        )
        floor.scan(*ALL_UNITS)
        floor.reach(LabelStage.FAILED)
        assert "Post hat abgelehnt: no such street" in shown(floor)
        away = {"says": "label_away", "carrier": "Post", "bought": "not_bought"}
        floor.server.refuse["/label"] = wire.Problem(code="unavailable", detail="Post is away", status=503, facts=away)
        floor.scan("PPC-YES")
        until(lambda: floor.pack_view.stage_detail == "Post is away", "the answer")
        assert "Post antwortet nicht. Es wird noch einmal gefragt." in shown(floor)


def test_a_code_that_is_taken_is_refused_in_german(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in(builders.BADGE_BEN) as floor:
        facts = {"says": "teach_taken", "sku": "SOAP"}
        floor.server.refuse["codes"] = wire.Problem(code="code_taken", detail="it means SOAP", status=409, facts=facts)
        floor.scan("PPC-ATTACH", "NEW-CODE-1", builders.CANDLE)

        def refused() -> bool:
            flash = floor.bench.view.flash
            return flash is not None and flash.detail == Note.NOT_ATTACHED

        until(refused, "the refusal")
        flash = floor.bench.view.flash
        assert flash is not None and told(flash).endswith("Er bedeutet schon SOAP.")


def hears(floor: OneBench, german: str) -> None:
    """The verdict says it soon."""
    until(lambda: (flash := floor.bench.view.flash) is not None and german in told(flash), german)


def refused(code: str, says: str, **facts: object) -> wire.Problem:
    return wire.Problem(code=code, detail="in English", status=409, facts={"says": says, **facts})


def test_a_lane_a_load_and_a_pallet_that_are_refused_at_the_dock_say_so_in_german(tmp_path: Path) -> None:
    clock = Clock()
    with at_dock(tmp_path, "1", clock=clock) as floor:
        floor.server.refuse["/close"] = refused("changed", "load_counted", counted=2, loaded=1)
        floor.scan("TRK00000001", "PPC-CLOSE")
        clock.ahead += 1.0
        floor.scan("PPC-CLOSE")
        hears(floor, "Gezählt waren 2 Pakete, jetzt sind es 1.")
        floor.server.refuse["pallets/new"] = refused("not_ready", "pallet_prefix", site="Ost")
        floor.scan("PPC-PALLET", "PPC-YES")
        hears(floor, "Ost vergibt keine eigenen Nummern für Paletten.")
        floor.server.refuse["pallets"] = refused("not_ready", "pallet_not_ready", tracking="TRK00000001")
        floor.bench._pallet._told(wire.PalletRequest(person_id=3, sscc="340123450000000017", parcels=("P-1",)))
        hears(floor, "Paket TRK00000001 ist nicht versandbereit.")
    with OneBench(tmp_path / "two").sign_in(builders.BADGE_DORA) as floor:
        floor.server.refuse["loads"] = refused("load_closed", "load_over", load="L-7")
        floor.scan("PPL-VAN")
        hears(floor, "Ladung L-7 ist geschlossen.")


def test_a_close_without_the_server_and_a_relabelling_that_are_refused_say_so_in_german(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in(builders.BADGE_BEN) as floor:
        floor.server.refuse["/relabel"] = refused("already_shipped", "relabel_left", order="1043", parcel="P-1")
        floor.scan("PPC-RELABEL", "PV00000000123", "PPQ-5")
        hears(floor, "Auftrag 1043 ist fort. Sein Zusteller muss Paket P-1 aufhalten.")
        error = DomainError("not_found", "in English", says="load_none")
        floor.bench._loads.say(Reason.NOT_NOW, Note.CLOSE_REFUSED, "L-7", error)
        hears(floor, "Diese Ladung gibt es an diesem Standort nicht.")


def test_what_a_printer_says_of_itself_is_german_in_the_status_line_and_beside_the_label() -> None:
    assert set(de.TROUBLES) == set(en.TROUBLES) == {trouble.value for trouble in Trouble}
    lamp = Lamp(Light.LOOK, State.NEEDS_HAND, words="zebra: print head open, out of ribbon")
    line = text_of(status(Sheet(120, 1, NOW, replace(STATUS, printer=lamp))))
    assert "zebra: Druckkopf offen, kein Farbband" in line
    assert (
        device("tcp:10.0.0.9 cannot be reached: timed out")
        == "tcp:10.0.0.9 ist nicht zu erreichen: es dauerte zu lange"
    )
    assert device("some other words") == "some other words"


def test_what_nobody_here_has_a_sentence_for_is_quoted_in_a_german_one(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in(builders.BADGE_BEN) as floor:
        floor.server.refuse["orders/open"] = wire.Problem(code="odd", detail="no {such} thing", status=409, facts={})
        floor.scan("1043")
        hears(floor, "Der Server sagt: „no {such} thing“")
        floor.server.refuse["orders/open"] = refused("odd", "said_by_a_newer_server")
        floor.scan("1043")
        hears(floor, "Der Server sagt: „in English“")


def test_a_stop_without_a_sentence_is_quoted_in_a_german_one(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        session_id = floor.pack_view.session.session_id
        floor.server.stops = [wire.SessionStop(session_id=session_id, reason=Reason.ON_HOLD, detail="by a rule")]
        until(lambda: isinstance(floor.bench.view, StopView))
        assert "Der Server sagt: „by a rule“" in shown(floor)


def test_a_full_disk_is_said_in_german_on_the_stop_that_it_causes(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        words = f"{tmp_path}/journal.db: database or disk is full"
        with floor.bench._place.changing():
            floor.bench._place.fail(JournalFailed(words))
        assert "die Platte ist voll" in shown(floor) and "disk is full" not in shown(floor)
