"""What goes on paper: frozen values of plain types, which travel as JSON. Imports nothing else of `printing`.

Text fields hold whatever people typed, in Unicode; the writers make it safe. Only what a barcode must hold is judged
here.
"""

from printing.documents.codes import CodeGroup, CodeLabel, CodeSheet, PrintedCode
from printing.documents.labels import BoxLabel, CarrierLabel, ParkingSlip, ShippingLabel
from printing.documents.loading import LoadManifest, ManifestLine
from printing.documents.look import Bitmap, Look, Place
from printing.documents.parts import BARCODE_TEXT_MAX, Address, check_barcode_text
from printing.documents.picking import PickGive, PickList, PickSlip, PickStop
from printing.documents.slips import (
    BoxContents,
    FetchSlip,
    GiftSlip,
    PackingSlip,
    PalletSlip,
    PullSlip,
    ReturnSlip,
    SlipLine,
    TestSlip,
)

__all__ = [
    "BARCODE_TEXT_MAX",
    "Address",
    "Bitmap",
    "BoxContents",
    "BoxLabel",
    "CarrierLabel",
    "CodeGroup",
    "CodeLabel",
    "CodeSheet",
    "FetchSlip",
    "GiftSlip",
    "LoadManifest",
    "Look",
    "ManifestLine",
    "PackingSlip",
    "PalletSlip",
    "ParkingSlip",
    "PickGive",
    "PickList",
    "PickSlip",
    "PickStop",
    "Place",
    "PrintedCode",
    "PullSlip",
    "ReturnSlip",
    "ShippingLabel",
    "SlipLine",
    "TestSlip",
    "check_barcode_text",
]
