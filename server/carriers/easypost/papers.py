"""Labels and forms that EasyPost keeps on a file server: fetched only from hosts of the settings, and measured."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from printing.documents import CarrierLabel
from server.calls.line import Line
from server.calls.troubles import Away, Trouble
from server.carriers.easypost.api import about, address_of, printable

HOSTS = ("easypost-files.s3.us-west-2.amazonaws.com", "easypost-files.s3-us-west-2.amazonaws.com")
"""Where labels were found when this was written; setting ``label_hosts`` takes their place."""
SIZE_MAX = 1024 * 1024
"""Bytes of a label or form. A ZPL label of 4 by 6 inches with a picture has some 50,000."""
_TEXT = re.compile(rb"\^F[DV]([^^~]*)")
_PICTURE = re.compile(rb"\^GF|\^XG|\^IM|~DG|~DY")
_BARCODE = re.compile(rb"\^B[0-9A-XZ]")


def label_of(line: Line, shipment: Mapping[str, Any]) -> CarrierLabel:
    """The ZPL label of a bought shipment.

    Raise Away with ``maybe_done`` for every failure: the label is bought, only its bytes are not here.
    """
    try:
        url = _zpl_url(shipment)
        if not url:
            # Some carriers make a picture whatever was asked for; EasyPost then draws it as ZPL.
            known = printable(shipment.get("id"))
            url = _zpl_url(about(line, "label", "GET", known, "label", query=[("file_format", "ZPL")]))
        data = fetched(line, url, "label")
    except Trouble as trouble:
        raise Away(f"the label is bought, but not here: {trouble.detail}", maybe_done=True) from trouble
    if not (data.lstrip()[:1] in (b"^", b"~") and b"^XA" in data and b"^XZ" in data):
        raise Away("the label is bought, but what EasyPost keeps is no whole ZPL label", maybe_done=True)
    if not _bears(data, printable(shipment.get("tracking_code"))):
        raise Away("the label is bought, but what EasyPost keeps has another number on it", maybe_done=True)
    return CarrierLabel("zpl", data)


def _bears(zpl: bytes, number: str) -> bool:
    """Whether a label has this number among its texts; one that is a picture as a whole is believed.

    Spaces between groups of digits and the shifts of a Code 128 barcode (``>;``, ``>8``) are passed over.
    """
    if _PICTURE.search(zpl) and not _BARCODE.search(zpl):
        return True
    wanted = re.sub(r"\W", "", number).encode()
    texts = _TEXT.findall(zpl)
    return any(wanted in re.sub(rb"[\W_]", b"", read) for each in texts for read in (each, re.sub(rb">.", b"", each)))


def _zpl_url(shipment: Mapping[str, Any]) -> str:
    label = shipment.get("postage_label")
    if not isinstance(label, dict):
        return ""
    if "zpl" in printable(label.get("label_file_type")).lower():
        return printable(label.get("label_url"))
    return printable(label.get("label_zpl_url"))


def form_of(line: Line, url: str) -> CarrierLabel:
    """A SCAN form as PDF; raise Away."""
    data = fetched(line, url, "form")
    if not data.startswith(b"%PDF"):
        raise Away("expected a PDF, found something else")
    return CarrierLabel("pdf", data)


def fetched(line: Line, url: str, what: str) -> bytes:
    """What is kept at an address that EasyPost named; raise Away for a host that nobody allowed, and for too much."""
    try:
        named, own = urlsplit(url), urlsplit(address_of(line))
        host = (named.hostname or "").lower()
        good = (named.scheme, named.netloc) == (own.scheme, own.netloc) or (
            named.scheme == "https" and host in _hosts(line) and named.port in (None, 443) and not named.username
        )
    except ValueError:
        host, good = "", False
    if not good:
        raise Away(f"{what}: expected an https address on {' or '.join(_hosts(line))}, found host {host[:80]!r}")
    # No key goes along: files are served by somebody else.
    data = line.call("file", "GET", url).body
    if len(data) > SIZE_MAX:
        raise Away(f"{what}: expected at most {SIZE_MAX} bytes, found {len(data)}")
    return data


def _hosts(line: Line) -> tuple[str, ...]:
    return tuple(str(host).lower() for host in line.settings.get("label_hosts") or HOSTS)
