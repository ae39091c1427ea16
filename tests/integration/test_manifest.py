"""The paper that goes with the driver says what is on the truck, and what was left behind (HND-02)."""

import pypdfium2
import zxingcpp

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
