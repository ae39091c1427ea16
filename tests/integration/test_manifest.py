"""The paper that goes with the driver says what is on the truck, and what was left behind (HND-02)."""

import pypdfium2
import zxingcpp

from printing import pdf
from printing.documents import LoadManifest, ManifestLine
from tests.floor import SOAP, Dock, Floor


def test_the_manifest_of_a_closed_load_lists_what_is_on_it_and_what_was_left(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    on_it = [bench.pack(floor.order(("SOAP", 1)), SOAP).tracking for _ in range(2)]
    dock = Dock.at(bench)
    for tracking in on_it:
        dock.scan(tracking)
    left = bench.pack(floor.order(("SOAP", 1)), SOAP).tracking
    bench.close_load(dock.load.load_id, 2)
    answer = bench.call("GET", f"/api/loads/{dock.load.load_id}/manifest.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    with pypdfium2.PdfDocument(answer.content) as document:
        text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
        codes = [c.text for p in document for c in zxingcpp.read_barcodes(p.render(scale=300 / 72).to_pil())]
    loaded, behind = text.split("Expected and not loaded: 1")
    assert all(loaded.count(tracking) == 1 for tracking in on_it)
    assert left not in loaded
    assert left in behind
    assert "Received for Own van: 2 parcels" in text
    assert "Dock Person" in text
    assert codes == [dock.load.load_id]
    assert not [word for word in ("Zoe", "Quill", "Hidden") if word in text], "no buyer is named on it"


def test_the_drivers_copy_says_who_assumed_what_stays_and_what_must_still_be_stopped() -> None:
    lines = (
        ManifestLine("PCL1", "TRK1", "1001", 500, "2026-03-04 13:00", "Ana"),
        ManifestLine("PCL2", "TRK2", "1002", None, "2026-03-04 13:05", "Lee", assumed=True),
    )
    manifest = LoadManifest(
        load_id="LOAD000012",
        carrier="UPS",
        site="East house",
        opened_at="2026-03-04 12:00",
        closed_at="2026-03-04 13:05",
        closed_by="Ana",
        lines=lines,
        left_behind=("TRK3",),
        trailer="Trailer 7",
        driver="Kim",
        left_because="no space",
        assumed_by="Lee",
        cancelled=("TRK4",),
        cancels_known_at="2026-03-04 12:41",
    )
    with pypdfium2.PdfDocument(pdf.manifest(manifest)) as document:
        text = " ".join("\n".join(page.get_textpage().get_text_bounded() for page in document).split())
    for words in (
        "Trailer 7",
        "Kim",
        "Received for UPS: 2 parcels",
        "0.500 kg",
        "TRK2 *",
        "1 not scanned on to the vehicle; counted as loaded by Lee",
        "Expected and not loaded: 1 (no space) TRK3",
        "On the vehicle although cancelled, to be stopped: 1 TRK4",
        "cancelled orders are known up to 2026-03-04 12:41",
        "Signature",
    ):
        assert words in text, words
