"""Which printer prints what, and where its paper goes while it is broken."""

from dataclasses import replace

import pytest

from printing.routes import BenchPrinter, Routes, Sent, elsewhere

LABELS = BenchPrinter("labels", "tcp:a", ("label", "item"), ("bench 3", "spare"))
SLIPS = BenchPrinter("slips", "tcp:b?language=escpos", ("slip", "gift-slip", "parking"))
SPARE = BenchPrinter("spare", "tcp:c", ("label",))
NEIGHBOUR = BenchPrinter("bench 3", "tcp:d", bench="Bench 3")


def to(routes: Routes, kind: str, sent: Sent | None = None, *bad: str) -> str:
    printer = routes.printer(kind, sent or {}, bad.__contains__)
    return printer.name if printer else ""


def test_each_kind_goes_to_the_printer_named_for_it_and_the_rest_to_the_one_named_for_nothing() -> None:
    routes = Routes([replace(LABELS, redirect=("bench 3",)), SLIPS, NEIGHBOUR])
    assert [to(routes, kind) for kind in ("label", "item", "slip", "parking")] == ["labels", "labels", "slips", "slips"]
    assert to(routes, "manifest") == ""
    rest = Routes([LABELS, SPARE, SLIPS, BenchPrinter("office", "ipp:cups/printers/x?language=pdf"), NEIGHBOUR])
    assert [to(rest, kind) for kind in ("label", "manifest", "pull")] == ["labels", "office", "office"]


def test_of_a_group_the_first_that_is_well_prints_and_a_neighbours_printer_never_by_itself() -> None:
    routes = Routes([LABELS, SPARE, NEIGHBOUR])
    assert to(routes, "label") == "labels"
    assert to(routes, "label", {}, "labels") == "spare"
    assert to(routes, "label", {}, "labels", "spare") == "labels"
    assert to(routes, "item", {}, "labels") == "labels"


def test_a_redirect_moves_all_kinds_of_a_printer_and_none_of_another() -> None:
    routes = Routes([LABELS, SLIPS, SPARE, NEIGHBOUR])
    sent = {("labels", ""): "bench 3"}
    assert [to(routes, kind, sent) for kind in ("label", "item", "slip")] == ["bench 3", "bench 3", "slips"]
    assert [place.name for place in routes.places(sent)] == ["bench 3"]


def test_one_kind_of_paper_is_sent_elsewhere_or_stays_while_all_the_rest_goes() -> None:
    routes = Routes([LABELS, SPARE, NEIGHBOUR])
    sent = {("labels", "item"): "bench 3"}
    assert [to(routes, kind, sent) for kind in ("label", "item")] == ["labels", "bench 3"]
    sent = {("labels", ""): "bench 3", ("labels", "item"): "labels"}
    assert [to(routes, kind, sent) for kind in ("label", "item")] == ["bench 3", "labels"]
    assert [place.name for place in routes.places(sent)] == ["bench 3"]
    able = [(kind, place, routes.able(kind, place)) for kind, place in (("item", "bench 3"), ("slip", "bench 3"))]
    assert able == [("item", "bench 3", (LABELS,)), ("slip", "bench 3", ())]


def test_each_step_goes_one_place_further_and_the_last_one_home() -> None:
    places: list[str | None] = [None]
    for _ in range(4):
        places.append(elsewhere(LABELS, places[-1]))
    assert places == [None, "bench 3", "spare", None, "bench 3"]


def test_the_printer_somebody_means_is_the_broken_one_else_the_one_sent_away_else_that_of_labels() -> None:
    slips = BenchPrinter("slips", "tcp:b", ("slip",), ("bench 3",))
    routes = Routes([slips, LABELS, SPARE, NEIGHBOUR])

    def meant(sent: Sent, *bad: str) -> str:
        printer = routes.to_redirect(sent, bad.__contains__)
        return printer.name if printer else ""

    assert meant({}) == "labels"
    assert meant({}, "slips") == "slips"
    assert meant({("slips", ""): "bench 3"}) == "slips"
    assert meant({("slips", ""): "bench 3"}, "labels") == "labels"
    assert Routes([SLIPS]).to_redirect({}, {"slips"}.__contains__) is None


@pytest.mark.parametrize(
    ("printers", "sentence"),
    [
        ([SPARE, SPARE], "expected a name of its own for each printer"),
        ([NEIGHBOUR], "expected a printer of this bench, found only printers of other benches"),
        ([BenchPrinter("a", "tcp:a", ("lable",))], "a: expected kinds among label, parking, .* found 'lable'"),
        ([BenchPrinter("a", "tcp:a", ("manifest",))], "a: manifest is printed in pdf, this printer has language=zpl"),
        ([LABELS], r"labels: redirect: expected another printer \(none there is\), found 'bench 3'"),
        (
            [BenchPrinter("a", "tcp:a", (), ("a",)), SPARE],
            r"a: redirect: expected another printer \(spare\), found 'a'",
        ),
        (
            [BenchPrinter("a", "tcp:a", (), ("b",)), BenchPrinter("b", "tcp:b?dpi=300")],
            "a: redirect: b has another language, dpi, columns or paper, its paper would be wrong",
        ),
        ([BenchPrinter("a", "lpt:1")], 'printer "lpt:1": expected one of file'),
    ],
)
def test_printers_that_do_not_fit_each_other_say_why(printers: list[BenchPrinter], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Routes(printers)
